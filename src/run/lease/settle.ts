import type { Host } from '../../config/resolved.ts'
import { srvError } from '../../error/srv-error.ts'
import type { Session } from '../session.ts'
import type { Conflict } from './answer.ts'

/** Milliseconds between two tries. */
const retryMs = 500
/** Milliseconds for which a run waits for another one that takes the same leases at the same time, and has to yield. */
const yieldMs = 10_000

/** Waits, but not for longer than until the run is interrupted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    if (signal.aborted) done()
    else signal.addEventListener('abort', done, { once: true })
  })
}

/** Of two runs that take their leases at the same time, the one that began first stays; the other one yields. */
function isOurs({ run, phase }: Conflict, session: Session): boolean {
  return phase === 'taking' && (session.lease?.token ?? session.runId) < run
}

/** Tries to take the leases of some hosts, and returns those that somebody else holds. */
export type Take = (hosts: readonly Host[]) => Promise<readonly Conflict[]>

/**
 * Takes the leases of all hosts or none. It waits for a run that is about to yield to this one, and with `--wait-lock`
 * for any other; while it waits for others it holds nothing, so that there is no deadlock.
 */
export async function takeAll(session: Session, take: Take, releaseAll: () => Promise<void>): Promise<boolean> {
  const { plan, state, signal, now } = session
  const startedMs = now()
  const waitMs = session.lease?.waitMs ?? 0
  let missing: readonly Host[] = plan.hosts
  let isTold = false
  for (;;) {
    const conflicts = await take(missing)
    if (state.errors.length + state.bugs.length > 0 || signal.aborted) return false
    if (conflicts.length === 0) return true
    const isYielding = conflicts.every((conflict) => isOurs(conflict, session)) && now() - startedMs < yieldMs
    if (!isYielding && now() - startedMs >= waitMs) {
      state.errors.push(...conflicts.map((one) => srvError('SRV-401', one, { where: { host: one.host } })))
      return false
    }
    if (isYielding) missing = plan.hosts.filter(({ name }) => conflicts.some(({ host }) => host === name))
    else {
      await releaseAll()
      missing = plan.hosts
      const [first] = conflicts
      if (!isTold && first !== undefined) {
        session.emit({
          type: 'warning',
          host: first.host,
          message: `waiting for the lease of ${first.service}, held by ${first.actor}`,
        })
      }
      isTold = true
    }
    await pause(retryMs, signal)
  }
}
