import { toErrorReport } from '../../error/report.ts'
import { srvError } from '../../error/srv-error.ts'
import type { At, Serving, StepStatus, TimedEvent } from '../event.ts'

type End = Extract<TimedEvent, { type: 'run.end' }>

/** The code of the error that stands for a result that a run could not write itself. */
export const crashCode = 'SRV-513'

/** Whether a result was written for a run that crashed, by another one. */
export function isCrash({ errors }: End): boolean {
  return errors.some(({ code }) => code === crashCode)
}

interface Seen {
  readonly counts: Record<StepStatus, number>
  /** Steps that began and did not end. */
  readonly open: Map<string, At>
  /** Targets on which a step began that may change something: all but those that said they had only looked. */
  readonly touched: Set<string>
}

function look(events: readonly TimedEvent[]): Seen {
  const counts = { changed: 0, ok: 0, skipped: 0, failed: 0, timeout: 0, lost: 0, cancelled: 0 }
  const open = new Map<string, At>()
  const touched = new Set<string>()
  const hosts = events.find((event) => event.type === 'run.start')?.hosts ?? []
  for (const event of events) {
    if (event.type === 'step.start') open.set(`${event.step} ${event.target}`, event)
    if (event.type !== 'step.end') continue
    counts[event.status]++
    open.delete(`${event.step} ${event.target}`)
    if (event.status !== 'ok' && event.status !== 'skipped' && hosts.includes(event.host)) touched.add(event.target)
  }
  for (const { host, target } of open.values()) if (hosts.includes(host)) touched.add(target)
  return { counts, open, touched }
}

/**
 * The result of a run that could not write one. Hosts were not asked afterwards, so it says only what is certain: exit code
 * 7 when any of them may have been changed, 1 when none was.
 *
 * @param now ISO 8601 UTC
 */
export function crashEnd(events: readonly TimedEvent[], environment: string, now: string): End {
  const { counts, open, touched } = look(events)
  const unknown: Serving = { release: null, state: 'unknown' }
  const [first, last] = [events[0]?.t ?? now, events.at(-1)?.t ?? now]
  const under = [...open.values()].map(({ task, target }) => `${task} on ${target}`)
  const changed = touched.size > 0
  const at = [...open.values()][0]
  const where = at === undefined ? {} : { host: at.host, task: at.task }
  return {
    t: now,
    type: 'run.end',
    status: 'failed',
    exit_code: changed ? 7 : 1,
    ms: Math.max(0, Date.parse(last) - Date.parse(first)),
    serving: Object.fromEntries([...touched].filter((one) => one.includes('@')).map((target) => [target, unknown])),
    counts,
    errors: [toErrorReport(srvError(crashCode, { steps: under, changed, environment }, { where }))],
  }
}
