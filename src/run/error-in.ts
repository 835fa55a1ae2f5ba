import { toErrorReport, type ErrorReport } from '../error/report.ts'
import type { Session } from './session.ts'

/** An error as the events of a run carry it: its hint names the environment of the run. */
export function errorIn({ plan }: Pick<Session, 'plan'>, error: unknown): ErrorReport {
  return toErrorReport(error, {}, plan.environment)
}
