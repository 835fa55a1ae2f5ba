import type { Host } from '../../config/resolved.ts'
import type { Bridge, Relay } from '../../plugin/contract.ts'
import type { Shell, Target } from '../../plugin/target.ts'
import { display, lines, sh, type Script } from '../../shell/script.ts'
import { LineSplitter } from '../../shell/sanitize.ts'
import type { ExecResult, StreamName, Transport } from '../../transport/transport.ts'
import { bridge as bridgeOver } from '../../transport/bridge.ts'
import { relay as relayOver } from '../../transport/relay.ts'
import { commandError } from '../undo/failure.ts'
import { at, placeOf, type Job } from './job.ts'
import type { Fence } from '../lease/fence.ts'
import type { Session } from '../session.ts'

/** The commands behind the verbs of a context: sent for real, or written down in a dry run. */
export interface Commands {
  /** Takes the text of each command that was not sent. */
  readonly would?: (command: string) => void
  relay(session: Session, job: Job, host: Host, relay: Relay): Promise<ExecResult>
  /** `on` is nothing for the operator's machine. */
  bridge(session: Session, job: Job, far: Host, on: Host | undefined, bridge: Bridge): Promise<ExecResult>
}

const nothing: ExecResult = { end: { kind: 'exit', code: 0 }, stdout: '', stderr: '', durationMs: 0 }

function transportFor(session: Session, host: Host | undefined): Promise<Transport> {
  return host === undefined ? session.pool.local() : session.pool.get(host)
}

/** What stops a command on a host when the lease of that host, or of the host that it is about, is no longer ours. */
function fenceFor(session: Session, job: Job, host: Host | undefined): Fence | undefined {
  const isElsewhere = host !== undefined && host.name !== job.host?.name
  if (isElsewhere && job.host !== undefined && session.bringsBack !== true) session.leases?.assertOurs(job.host)
  return host === undefined ? undefined : session.leases?.fence(host, session.bringsBack === true)
}

/** Cuts a command's output into events, without the lines of a fence; `flush` emits a last line without an end. */
function outputOf(
  session: Session,
  job: Job,
  fence: Fence | undefined,
): { feed: (stream: StreamName, text: string) => void; flush: () => void } {
  const splitter = (stream: StreamName): LineSplitter =>
    new LineSplitter((line) => {
      if (fence?.isOwn(line) === true) return
      session.emit({ type: 'step.output', ...at(job), stream, line })
    })
  const splitters = { stdout: splitter('stdout'), stderr: splitter('stderr') }
  return {
    feed(stream, text) {
      splitters[stream].feed(text)
    },
    flush() {
      splitters.stdout.flush()
      splitters.stderr.flush()
    },
  }
}

/**
 * Sends a script of a job to a host, or to the operator's machine; its output becomes events, unless a listener takes it
 * instead. The caller judges how it ended.
 *
 * @throws SrvError SRV-403 when the lease of the host is no longer ours: then nothing of it ran
 */
export async function execFor(
  session: Session,
  job: Job,
  host: Host | undefined,
  script: Script,
  heard?: (text: string) => void,
): Promise<ExecResult> {
  const transport = await transportFor(session, host)
  const fence = fenceFor(session, job, host)
  const text = await session.secrets.render(fence === undefined ? script : lines(fence.before, script))
  session.state.changedHosts ||= host !== undefined
  const output = outputOf(session, job, fence)
  const onOutput = heard === undefined ? output.feed : (_stream: StreamName, said: string): void => heard(said)
  const result = await transport.exec(text, { signal: session.signal, onOutput, more: true })
  output.flush()
  fence?.check(result)
  return result
}

/** `run`, `probe`, `follow` and `watch` on a host, or on the operator's machine when there is none. */
export function targetOf(session: Session, job: Job, commands: Commands, host: Host | undefined): Target {
  const look = async (script: Script, heard?: (text: string) => void): Promise<ExecResult> => {
    const transport = await transportFor(session, host)
    const text = await session.secrets.render(script)
    const onOutput = (_stream: StreamName, said: string): void => heard?.(said)
    const result = await transport.exec(text, { signal: session.signal, onOutput, more: true })
    // An exit code is an answer; a command that did not get to its end has none.
    if (result.end.kind === 'exit') return result
    throw commandError(placeOf(job), result.end, result)
  }
  const probe: Shell = async (literals, ...values) => look(sh(literals, ...values))
  const run: Shell = async (literals, ...values) => {
    const script = sh(literals, ...values)
    if (commands.would !== undefined) {
      commands.would(display(script))
      return nothing
    }
    const result = await execFor(session, job, host, script)
    if (result.end.kind === 'exit' && result.end.code === 0) return result
    throw commandError(placeOf(job), result.end, result)
  }
  const follow: Target['follow'] = async (script, onOutput) => {
    if (commands.would === undefined) return execFor(session, job, host, script, onOutput)
    commands.would(display(script))
    return nothing
  }
  return { run, probe, follow, watch: look }
}

/** Sends commands for real. */
export const realCommands: Commands = {
  async relay(session, job, host, relay) {
    const transport = await session.pool.get(host)
    const fence = fenceFor(session, job, host)
    const output = outputOf(session, job, fence)
    session.state.changedHosts = true
    // What runs before is part of a command line on the host: it is passed on as it is, so that a secret in it is refused.
    const before = lines(...[fence?.before, relay.before].filter((one) => one !== undefined))
    const fenced = fence === undefined ? relay : { ...relay, before }
    const result = await relayOver(transport, fenced, { signal: session.signal, onOutput: output.feed })
    output.flush()
    fence?.check(result)
    return result
  },
  async bridge(session, job, far, on, { script, onOutput }) {
    const transports = [await transportFor(session, on), await session.pool.get(far)] as const
    const fences = { near: fenceFor(session, job, on), far: fenceFor(session, job, far) }
    session.state.changedHosts = true
    const result = await bridgeOver(...transports, script, {
      signal: session.signal,
      onOutput: (_stream, text) => onOutput?.(text),
      before: { near: fences.near?.before, far: fences.far?.before },
    })
    fences.near?.check(result)
    fences.far?.check(result)
    return result
  },
}

/** Writes commands down instead of sending them; commands that only look are sent all the same. */
export function dryCommands(would: (command: string) => void): Commands {
  return {
    would,
    relay(_session, _job, _host, { argv }) {
      would(argv.join(' '))
      return Promise.resolve(nothing)
    },
    bridge(_session, _job, _far, _on, { script }) {
      would(display(script))
      return Promise.resolve(nothing)
    },
  }
}
