import { isSrvError, srvError, type SrvError } from '../../error/srv-error.ts'
import { stepsOf } from '../../plan/flatten.ts'
import type { Verdict } from '../../plugin/contract.ts'
import type { Session } from '../session.ts'

/** The verdict of a check that could not judge: its own code failed, so it is unknown whether the host is ready. */
export function brokenCheck(thrown: unknown): Verdict {
  const problem = `the check itself failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`
  const fix = isSrvError(thrown) ? thrown.hint : 'Report it to the authors of the plugin that provides this check.'
  return { ok: false, problem, fix }
}

function judged(judge: () => Verdict): Verdict {
  try {
    return judge()
  } catch (thrown) {
    return brokenCheck(thrown)
  }
}

/** Reports what a check found, and what it warns of where a run does nothing but ask; a host that is not ready is an error of the run. */
export function reportVerdict(session: Session, host: string, check: string, judge: () => Verdict): void {
  const verdict = judged(judge)
  const event = { type: 'check.end', host, check } as const
  if (verdict.ok) {
    const { found, warning } = verdict
    session.emit({ ...event, ok: true, ...(found === undefined ? {} : { found }) })
    if (warning !== undefined && stepsOf(session.plan.root).length === 0) {
      session.emit({ type: 'warning', message: warning, host })
    }
    return
  }
  const { problem, fix } = verdict
  session.emit({ ...event, ok: false, problem, fix })
  const error: SrvError = srvError('SRV-301', { host, check, problem, fix }, { where: { host } })
  session.state.errors.push(error)
}
