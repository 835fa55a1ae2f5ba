import { isSrvError, srvError } from '../../error/srv-error.ts'
import { activates } from '../../plan/flatten.ts'
import type { InstanceState } from '../../plugin/state.ts'
import { askAbout, placementsOn, type Asking } from './ask.ts'
import type { Serving } from '../event.ts'
import type { Job } from '../steps/job.ts'
import { runPieces, type Piece } from '../steps/pieces.ts'
import { servingOf } from './serving.ts'
import type { Session } from '../session.ts'
import { together } from '../together.ts'

/** The questions that end a run: what serves on each placement. */
export interface Verification {
  /** Pieces to send along with the last command on a placement; with the last one on a host its leases are released. */
  readonly tail: (chain: readonly Job[]) => readonly Piece[]
  /** What each host said; those that were not asked yet are asked now. */
  readonly answers: () => Promise<ReadonlyMap<string, InstanceState | undefined>>
}

/** What a placement said; nothing when it could not be asked, or when its answer could not be read. */
function stateOf(asking: Asking | undefined): InstanceState | undefined {
  try {
    return asking?.state()
  } catch (thrown) {
    if (isSrvError(thrown)) return undefined
    throw thrown
  }
}

async function ask(session: Session, askings: readonly Asking[]): Promise<void> {
  const [first] = askings
  if (first === undefined) return
  const pieces = askings.flatMap((one) => one.pieces)
  try {
    const transport = await session.pool.get(first.placement.host)
    await runPieces(transport, pieces, { render: session.secrets.render })
  } catch (thrown) {
    // A host that cannot be asked is reported as `unknown`; why it was lost is already an error of the run.
    if (!isSrvError(thrown)) throw thrown
  }
}

/** Prepares the questions about every placement of a plan that changes what serves, or of one that failed. */
export function verification(session: Session): Verification {
  const asked = new Map<string, Asking>()
  const { plan, plugins } = session
  return {
    tail([job]) {
      if (job?.placement === undefined || !activates(plan.root)) return []
      const asking = askAbout(job.placement, plugins, true)
      asked.set(job.placement.id, asking)
      const { host } = job.placement
      const isLast = placementsOn(host, plan.placements).every(({ id }) => asked.has(id))
      return [...asking.pieces, ...(isLast ? (session.leases?.releasePiece(host) ?? []) : [])]
    },
    async answers() {
      const isMissing = ({ id }: { readonly id: string }): boolean => stateOf(asked.get(id)) === undefined
      await together(
        plan.hosts.map(async (host) => {
          const askings = placementsOn(host, plan.placements)
            .filter(isMissing)
            .map((one) => askAbout(one, plugins, true))
          for (const asking of askings) asked.set(asking.placement.id, asking)
          await ask(session, askings)
        }),
      )
      return new Map(plan.placements.map(({ id }) => [id, stateOf(asked.get(id))]))
    },
  }
}

/** What serves where, in the order of the plan; a new release that no longer serves is an error of its own. */
export async function whatServes(session: Session, verify: Verification): Promise<Readonly<Record<string, Serving>>> {
  const { plan, state } = session
  if (!state.changedHosts && !activates(plan.root)) return {}
  const answers = await verify.answers()
  const serving = plan.placements.map(
    (placement) => [placement.id, servingOf(placement, answers.get(placement.id), state)] as const,
  )
  for (const [target, { state: now, release }] of serving) {
    if (!state.activated.has(target)) continue
    const answer = answers.get(target)
    const where = { host: target.replace(/^.*@/, ''), instance: target.replace(/@.*$/, '') }
    if (now === 'down') {
      const problem = answer?.running === 'no' ? 'it is not running' : 'it does not answer'
      state.errors.push(srvError('SRV-507', { target, release: release ?? '(none)', problem }, { where }))
    }
    if (now === 'unknown') {
      const problem =
        answer === undefined
          ? 'it did not answer'
          : `it has ${release ?? 'no release'}, which is not what this run deployed`
      state.errors.push(srvError('SRV-510', { target, problem }, { where }))
    }
  }
  return Object.fromEntries(serving)
}
