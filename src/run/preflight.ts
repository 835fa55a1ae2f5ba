import type { Host, Placement } from '../config/resolved.ts'
import { isSrvError, srvError, type SrvError } from '../error/srv-error.ts'
import { appliesTo } from '../plan/applies.ts'
import type { Check, Verdict } from '../plugin/contract.ts'
import type { Transport } from '../transport/transport.ts'
import { askAbout, placementsOn } from './ask.ts'
import { runPieces, type Piece } from './pieces.ts'
import type { PluginOfRun } from './plugin-of-run.ts'
import { masked } from './record.ts'
import type { Session } from './session.ts'

type HostCheck = Extract<Check, { readonly on: 'host' | 'instance' }>

/** Opens the connection of every host at the same time; every host that could not be reached is an error of the run. */
async function connect(session: Session, host: Host): Promise<Transport | undefined> {
  const startedMs = session.now()
  session.emit({ type: 'host.connect', host: host.name })
  try {
    const transport = await session.pool.get(host)
    session.emit({ type: 'host.ready', host: host.name, ms: session.now() - startedMs })
    return transport
  } catch (thrown) {
    if (!isSrvError(thrown)) throw thrown
    session.state.errors.push(thrown)
    session.emit({ type: 'host.unreachable', host: host.name, error: masked(session, thrown) })
    return undefined
  }
}

function report(session: Session, host: string, title: string, verdict: Verdict): SrvError | undefined {
  const event = { type: 'check.end', host, check: title } as const
  if (verdict.ok) {
    session.emit({ ...event, ok: true, ...(verdict.found === undefined ? {} : { found: verdict.found }) })
    return undefined
  }
  const { problem, fix } = verdict
  session.emit({ ...event, ok: false, problem, fix })
  const error = srvError('SRV-301', { host, check: title, problem, fix }, { where: { host } })
  session.state.errors.push(error)
  return error
}

/** A check on a host is asked once there, a check on an instance once for each of them. */
function targetsOf(check: HostCheck, plugin: PluginOfRun, placements: readonly Placement[]): readonly Placement[] {
  const found = placements.filter((placement) => appliesTo(check, plugin.name, placement))
  return check.on === 'host' ? found.slice(0, 1) : found
}

function checkPieces(session: Session, host: Host): readonly Piece[] {
  const placements = placementsOn(host, session.plan.placements)
  return session.plugins.flatMap((plugin) =>
    plugin.checks.flatMap((check) => {
      if (check.on === 'once') return []
      return targetsOf(check, plugin, placements).map((placement): Piece => {
        const settings = plugin.name === undefined ? undefined : placement.instance.settings[plugin.name]
        const title = check.on === 'host' ? check.title : `${check.title} (${placement.instance.id})`
        return {
          script: check.probe(placement, settings, plugin.options),
          mayFail: true,
          onEnd(answer) {
            report(session, host.name, title, check.judge(answer, placement, settings))
          },
        }
      })
    }),
  )
}

/** Asks one host everything that has to be known before the first change, in one command. */
async function askHost(session: Session, host: Host, transport: Transport): Promise<void> {
  const checks = checkPieces(session, host)
  const asking = placementsOn(host, session.plan.placements).map((placement) =>
    askAbout(placement, session.plugins, false),
  )
  const pieces = [...checks, ...asking.flatMap((one) => one.pieces)]
  if (pieces.length === 0) return
  session.emit({ type: 'check.start', host: host.name, checks: checks.length })
  const { end, answers, stray } = await runPieces(transport, pieces, {
    render: session.secrets.render,
    signal: session.signal,
  })
  if (answers.includes(undefined)) {
    const problem = end.kind === 'lost' ? end.reason : `${end.kind} ${stray}`.trim()
    session.state.errors.push(srvError('SRV-302', { host: host.name, problem }, { where: { host: host.name } }))
    return
  }
  for (const one of asking) {
    const state = one.state()
    if (state !== undefined) session.state.setBefore(one.placement, state)
  }
}

/**
 * Everything that is asked before the first change anywhere, on all hosts at the same time: whether each host can be
 * reached, what each check says, and what each instance is. It says whether the run may go on.
 */
export async function preflight(session: Session): Promise<boolean> {
  await Promise.all(
    session.plan.hosts.map(async (host) => {
      const transport = await connect(session, host)
      if (transport !== undefined) await askHost(session, host, transport)
    }),
  )
  return session.state.errors.length === 0
}
