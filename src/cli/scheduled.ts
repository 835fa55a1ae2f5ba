import { isSrvError, type SrvError } from '../error/srv-error.ts'
import type { Schedules } from '../plugin/schedules.ts'
import type { ScheduleRow } from '../report/schedules.ts'
import type { Script } from '../shell/script.ts'
import { askPlaces, questionsOf, type PlaceAnswer, type Question } from './ask-places.ts'
import type { TargetOptions } from './global-options.ts'
import type { Query } from './query.ts'

/** A schedule that a plugin of the config may have for a placement, and the question about it. */
export interface ScheduleQuestion extends Question {
  readonly folder: string
  readonly start: Script
  readonly isWanted?: boolean
  readonly part: Schedules
}

/** What is asked about the schedules of some placements' services. */
export function scheduleQuestions(query: Query<TargetOptions>): readonly ScheduleQuestion[] {
  return questionsOf(query, ({ schedules }) => schedules)
}

/** Reads an answer about a schedule, or says why it could not be asked for. */
export function scheduledOf(
  { placement, part, on, folder, isWanted = true }: ScheduleQuestion,
  answer: PlaceAnswer,
): ScheduleRow | SrvError {
  if ('error' in answer) return answer.error
  const { service, host } = placement
  const place = { service: service.name, host: host.name, on, folder, wanted: isWanted }
  return { ...place, schedule: part.read(answer.text) ?? null }
}

/** What all machines know of the schedules of some placements' services; a machine that could not be asked is told once. */
export async function askSchedules(
  query: Query<TargetOptions>,
): Promise<{ readonly rows: readonly ScheduleRow[]; readonly errors: readonly SrvError[] }> {
  const questions = scheduleQuestions(query)
  const answerOf = await askPlaces(query, questions)
  const found = questions.map((one) => scheduledOf(one, answerOf(one)))
  return {
    rows: found.flatMap((one) => (isSrvError(one) ? [] : [one])),
    errors: [...new Set(found.flatMap((one) => (isSrvError(one) ? [one] : [])))],
  }
}
