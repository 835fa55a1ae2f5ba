import { isSrvError } from '../../error/srv-error.ts'
import { backupLines } from '../../report/backups.ts'
import { oldDataSummary, type OldDataRow } from '../../report/old-data.ts'
import { badScheduleLines, isBad, type ScheduleRow } from '../../report/schedules.ts'
import { statusLines } from '../../report/status.ts'
import { survey } from '../../run/ask/survey.ts'
import { worst } from '../../run/outcome.ts'
import { askPlaces } from '../ask-places.ts'
import type { TargetOptions } from '../global-options.ts'
import { statusDocument } from '../documents.ts'
import type { Io } from '../io.ts'
import { keptOf, keptQuestions, withIdentities, type Kept } from '../keepers.ts'
import { oldDataOf, oldDataQuestions } from '../old-data.ts'
import { printDocument } from '../print-document.ts'
import { queryCommand, runQuery, type Query } from '../query.ts'
import { scheduledOf, scheduleQuestions } from '../scheduled.ts'

/** What is asked about data that is backed up. */
interface About {
  readonly kept: readonly Kept[]
  readonly schedules: readonly ScheduleRow[]
  readonly oldData: readonly OldDataRow[]
}

/**
 * Asks about snapshots, schedules and what restores left with one command per machine. Why one could not be asked is reported
 * with its snapshots.
 */
async function askAbout(query: Query<TargetOptions>): Promise<About> {
  const keptOnes = keptQuestions(query)
  const scheduledOnes = scheduleQuestions(query)
  const oldOnes = oldDataQuestions(query)
  const answerOf = await askPlaces(query, [...withIdentities(keptOnes), ...scheduledOnes, ...oldOnes])
  return {
    kept: keptOnes.map((one) => keptOf(one, answerOf)),
    oldData: oldOnes.map((one) => oldDataOf(one, answerOf(one))),
    schedules: scheduledOnes.flatMap((one) => {
      const found = scheduledOf(one, answerOf(one))
      return isSrvError(found) ? [] : [found]
    }),
  }
}

/**
 * `srv status <environment>`: service, host, release, since, health drift, how old backups are and whether one is overdue, and
 * which schedule failed or is off. It exits 4 when a host could not be asked, 7 when something is down, 10 when scheduled
 * backups are not made.
 */
export async function status(argv: readonly string[], io: Io): Promise<number> {
  const command = queryCommand('status', 'Show what serves where, since when, and whether it is healthy.', io)
  return runQuery<TargetOptions>(command, argv, io, async (query) => {
    const { project, placements, options, pool, secrets, signal } = query
    const [findings, { kept, schedules, oldData }] = await Promise.all([
      survey(placements, { pool, plugins: project.plugins, secrets, signal }),
      askAbout(query),
    ])
    const document = statusDocument(project.config.environment, findings, kept, schedules, oldData)
    printDocument(io, options, document, (_document, shown) => [
      ...statusLines(document, shown),
      ...backupLines(document.backups, shown),
      ...oldDataSummary(document, shown.now),
      ...badScheduleLines(document.schedules, shown),
    ])
    const codes = document.instances.map(({ error, health }) => {
      if (error !== null) return error.exit_code
      return health === 'down' ? 7 : 0
    })
    const isBackedUp = !document.schedules.some((one) => isBad(one)) && !document.backups.some((one) => one.overdue)
    return worst([...codes, isBackedUp ? 0 : 10])
  })
}
