import type { Host, Placement } from '../../config/resolved.ts'
import { errorIn } from '../error-in.ts'
import { isSrvError, located, srvError } from '../../error/srv-error.ts'
import { appliesTo } from '../../plan/applies.ts'
import { companionsOf, mayChange, neededCompanions, stepsOf } from '../../plan/flatten.ts'
import type { Answer, Check } from '../../plugin/contract.ts'
import { display } from '../../shell/script.ts'
import type { Transport } from '../../transport/transport.ts'
import { askAbout, placementsOn } from './ask.ts'
import { orAborted } from '../interrupted.ts'
import type { Conflict } from '../lease/answer.ts'
import type { Leases } from '../lease/leases.ts'
import { takeAll } from '../lease/settle.ts'
import { runPieces, type Piece } from '../steps/pieces.ts'
import type { PluginOfRun } from '../plugin-of-run.ts'
import { onceChecks } from './once-checks.ts'
import type { Session } from '../session.ts'
import { together } from '../together.ts'
import { brokenCheck, reportVerdict } from './verdict.ts'

type HostCheck = Extract<Check, { readonly on: 'host' | 'instance' }>

/** Opens the connection of a host. One that cannot be reached is an error of the run, unless the run can do without it. */
async function connect(session: Session, host: Host, isNeeded: boolean): Promise<Transport | undefined> {
  const startedMs = session.now()
  session.emit({ type: 'host.connect', host: host.name })
  try {
    const transport = await orAborted(session.pool.get(host), session.signal)
    if (transport === undefined) return undefined
    session.emit({ type: 'host.ready', host: host.name, ms: session.now() - startedMs })
    return transport
  } catch (thrown) {
    if (!isSrvError(thrown)) throw thrown
    if (isNeeded) session.state.errors.push(thrown)
    session.emit({
      type: 'host.unreachable',
      host: host.name,
      error: errorIn(session, thrown),
    })
    return undefined
  }
}

/** A check on a host is asked once there, a check on an instance once for each of them. */
function targetsOf(check: HostCheck, plugin: PluginOfRun, placements: readonly Placement[]): readonly Placement[] {
  const found = placements.filter((placement) => appliesTo(check, plugin.name, placement))
  return check.on === 'host' ? found.slice(0, 1) : found
}

/** Checks that ask the same share one answer: `docker info` tells three of them what they want to know. */
function withoutTwins(pieces: readonly Piece[]): readonly Piece[] {
  const twins = new Map<string, Piece[]>()
  for (const piece of pieces) {
    const text = display(piece.script)
    twins.set(text, [...(twins.get(text) ?? []), piece])
  }
  return [...twins.values()].flatMap((all) =>
    all.slice(0, 1).map((first) => ({
      ...first,
      onEnd(answer: Answer) {
        for (const one of all) one.onEnd?.(answer)
      },
    })),
  )
}

function checkPieces(session: Session, host: Host): readonly Piece[] {
  const placements = placementsOn(host, session.plan.placements)
  const pieceOf = (plugin: PluginOfRun, check: HostCheck, placement: Placement): readonly Piece[] => {
    const settings = plugin.name === undefined ? undefined : placement.instance.settings[plugin.name]
    const title = check.on === 'host' ? check.title : `${check.title} (${placement.instance.id})`
    const onEnd = (answer: Answer): void => {
      reportVerdict(session, host.name, title, () => check.judge(answer, placement, settings))
    }
    try {
      return [{ script: check.probe(placement, settings, plugin.options), mayFail: true, onEnd }]
    } catch (thrown) {
      reportVerdict(session, host.name, title, () => brokenCheck(thrown))
      return []
    }
  }
  return session.plugins.flatMap((plugin) =>
    plugin.checks.flatMap((check) =>
      check.on === 'once'
        ? []
        : targetsOf(check, plugin, placements).flatMap((placement) => pieceOf(plugin, check, placement)),
    ),
  )
}

/** The questions to one host, and what is done with their answers. */
async function askHost(session: Session, host: Host, lease: readonly Piece[], isFirst: boolean): Promise<void> {
  const checks = checkPieces(session, host)
  if (isFirst) session.emit({ type: 'check.start', host: host.name, checks: checks.length })
  const asking = placementsOn(host, session.plan.placements).map((placement) =>
    askAbout(placement, session.plugins, false),
  )
  const pieces = [...lease, ...withoutTwins(checks), ...asking.flatMap((one) => one.pieces)]
  if (pieces.length === 0) return
  const { plan, secrets, signal, state } = session
  const transport = await session.pool.get(host)
  const { end, answers, stray } = await runPieces(transport, pieces, {
    render: secrets.render,
    signal,
    more: !session.dryRun && stepsOf(plan.root).length > 0,
  })
  if (signal.aborted) return
  // First the lease, then what a dead run left: both stop the rest when they fail, and report that themselves.
  if (answers.slice(0, lease.length).some((answer) => answer !== undefined && answer.code !== 0)) return
  if (answers.includes(undefined)) {
    const problem = end.kind === 'lost' ? end.reason : `${end.kind} ${stray}`.trim()
    state.errors.push(srvError('SRV-302', { host: host.name, problem }, { where: { host: host.name } }))
    return
  }
  for (const one of asking) {
    const found = one.state()
    if (found !== undefined) state.setBefore(one.placement, found)
  }
}

/** Does something with a host; what is thrown is an error of the run at that host. */
async function guarded(session: Session, host: Host, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (thrown) {
    // The question or the reading of an answer failed: a secret that is not set, or a bug in a plugin.
    if (isSrvError(thrown)) session.state.errors.push(located(thrown, { host: host.name }))
    else session.state.bugs.push(thrown)
  }
}

/** Whether a run may change something, so that nobody else may at the same time. */
function needsLease({ plan, dryRun }: Session): boolean {
  return !dryRun && mayChange(plan.root)
}

/** Asks everything that has to be known before the first change, after taking the leases if there are any to take. */
async function ask(
  session: Session,
  hosts: readonly Host[],
  asked: Set<string>,
  leases: Leases | undefined,
): Promise<readonly Conflict[]> {
  const conflicts: Conflict[] = []
  const work = (host: Host) => async (): Promise<void> => {
    const lease =
      leases === undefined
        ? []
        : [leases.acquirePiece(host, (conflict) => conflicts.push(conflict)), ...leases.finishPieces(host)]
    const isFirst = !asked.has(host.name)
    asked.add(host.name)
    await askHost(session, host, lease, isFirst)
  }
  await together(hosts.map((host) => guarded(session, host, work(host))))
  return conflicts
}

/**
 * Everything that has to be known before the first change anywhere, on all hosts at the same time: whether each host can
 * be reached; then what each check says and what each instance is, once the leases are taken. Where a host cannot be
 * reached the others are asked all the same, without a lease, so that all problems are told at once. It says whether the
 * run may go on.
 */
export async function preflight(session: Session): Promise<boolean> {
  const { state, signal, plan, leases } = session
  const hasFailed = (): boolean => state.errors.length + state.bugs.length > 0 || signal.aborted
  const asked = new Set<string>()
  const reached: Host[] = []
  const needed = neededCompanions(plan.root)
  const others = companionsOf(plan.root).filter(({ name }) => plan.hosts.every((host) => host.name !== name))
  await together([
    ...plan.hosts.map((host) =>
      guarded(session, host, async () => {
        if ((await connect(session, host, true)) !== undefined) reached.push(host)
      }),
    ),
    ...others.map((host) => guarded(session, host, () => connect(session, host, needed.has(host.name)))),
  ])
  const questions = together([onceChecks(session)])
  if (leases === undefined || !needsLease(session) || hasFailed()) await ask(session, reached, asked, undefined)
  else {
    const take = (hosts: readonly Host[]): Promise<readonly Conflict[]> => {
      leases.startBeats()
      return ask(session, hosts, asked, leases)
    }
    const yieldAll = (): Promise<void> => {
      state.forgetAhead()
      return leases.releaseAll()
    }
    if (await takeAll(session, take, yieldAll)) leases.hold()
  }
  await questions
  return !hasFailed()
}
