import { spawn, type ChildProcess } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import type { Script } from '../shell/script.ts'
import { armStop } from './arm-stop.ts'
import { graceMs } from './deadman.ts'
import { collectOutput, defaultMaxOutputBytes } from './output.ts'
import { commandLineText } from './script-text.ts'
import { pipesOf, serveRemoteShell, shellCommand, shellEnvironment } from './remote-shell.ts'
import type { End, ExecOptions, ExecResult, StreamName, Transport } from './transport.ts'

/** A tool that runs on the laptop and speaks to the host through `GIT_SSH_COMMAND` or `-e`; it must name the host `srv`. */
export interface Relay {
  /**
   * Program and arguments; `{shell}` in an argument is replaced by the command of the remote shell, as rsync's `-e` takes
   * it. A script says `sh -c "$SRV_REMOTE_SHELL" sh srv 'command'`.
   */
  readonly argv: readonly [string, ...string[]]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Name of an environment variable that is to hold the command of the remote shell: `GIT_SSH_COMMAND`. */
  readonly shellVariable?: string
  /** Runs on the host, in the same channel, before the command that the tool asks for. It is part of a command line: no secrets. */
  readonly before?: Script
  /** Runs on the host, in the same channel, once that command has succeeded; its status then replaces that of the command. No secrets either. */
  readonly after?: Script
}

/** Variables of the laptop that would change what git or rsync do, such as those of a git hook that called srv. */
const unwanted = /^(?:RSYNC_.*|GIT_(?:DIR|WORK_TREE|INDEX_FILE|PREFIX|SSH|SSH_COMMAND|SSH_VARIANT))$/

function environment(relay: Pick<Relay, 'env' | 'shellVariable'>): Record<string, string | undefined> {
  const own = Object.entries(process.env).filter(([name]) => !unwanted.test(name))
  return {
    ...Object.fromEntries(own),
    GIT_SSH_VARIANT: 'simple',
    GIT_TERMINAL_PROMPT: '0',
    ...relay.env,
    ...shellEnvironment,
    ...(relay.shellVariable === undefined ? {} : { [relay.shellVariable]: shellCommand }),
  }
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // Already gone.
  }
}

/** Ends the tool when the signal fires or time is up. The returned function turns its natural end into what really happened; `stopped` is what the host is known to have done. */
function limits(child: ChildProcess, options: ExecOptions): (natural: End, stopped: boolean) => End {
  let hard: NodeJS.Timeout | undefined
  const disarm = armStop(options, () => {
    killGroup(child, 'SIGTERM')
    hard = setTimeout(() => {
      killGroup(child, 'SIGKILL')
    }, graceMs)
  })
  return (natural, stopped) => {
    clearTimeout(hard)
    const why = disarm()
    const byItself = natural.kind === 'exit' && natural.code === 0
    return why === undefined || byItself ? natural : { ...why, stopped }
  }
}

/** How the tool ended; one that does not exist ends with 127, as in a shell. */
function endOf(child: ChildProcess, onExit: () => void, onMissing: (text: string) => void): Promise<End> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      onMissing(`${child.spawnfile} could not be started: ${error.message}\n`)
      resolve({ kind: 'exit', code: 127 })
    })
    // A tool that died leaves its command on the host with open streams, and Node would wait for its pipes.
    child.once('exit', onExit)
    child.once('close', (code, signal) => {
      resolve(code === null ? { kind: 'signal', signal: signal ?? 'unknown' } : { kind: 'exit', code })
    })
  })
}

/**
 * Runs a tool on the laptop whose remote shell is a command on an open connection: no second login, no socket on disk.
 *
 * The result is the tool's own, with what the host wrote on standard error added; a link that broke under it is `lost`.
 *
 * @throws SrvError SRV-900 when `before` or `after` has a secret in it: they travel in a command line. Pass them as they are, not rendered.
 */
export async function relay(
  transport: Transport,
  relay: Omit<Relay, 'before'> & { readonly before?: Script | string },
  options: ExecOptions = {},
): Promise<ExecResult> {
  const [before, after] = [relay.before, relay.after].map((script) => script && commandLineText(script))
  const startedAt = performance.now()
  const maxBytes = options.maxOutputBytes ?? defaultMaxOutputBytes
  const stores = { stdout: collectOutput(maxBytes), stderr: collectOutput(maxBytes) }
  const take = (name: StreamName, bytes: Buffer): void => {
    const text = stores[name].push(bytes)
    if (text !== '') options.onOutput?.(name, text)
  }
  const channel = new AbortController()
  try {
    const [program, ...args] = relay.argv.map((argument) => argument.replaceAll('{shell}', shellCommand))
    if (program === undefined) throw new Error('a relay without a program')
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
      env: environment(relay),
      detached: true,
      ...(relay.cwd === undefined ? {} : { cwd: relay.cwd }),
    })
    child.stdout?.on('data', (bytes: Buffer) => {
      take('stdout', bytes)
    })
    child.stderr?.on('data', (bytes: Buffer) => {
      take('stderr', bytes)
    })
    const ended = limits(child, options)
    const pipes = pipesOf(child)
    const remote = serveRemoteShell(pipes, transport, { before, after }, channel.signal, (bytes) => {
      take('stderr', bytes)
    })
    const letGo = (): void => {
      channel.abort()
      for (const pipe of [pipes.toTool, pipes.fromTool, pipes.asked, pipes.status]) pipe.destroy()
    }
    const natural = await endOf(child, letGo, (text) => {
      take('stderr', Buffer.from(text))
    })
    const remoteEnd = await remote
    const end = ended(natural, remoteEnd === undefined || remoteEnd.kind === 'exit')
    const isLost = remoteEnd?.kind === 'lost' && end.kind === 'exit' && end.code !== 0
    return {
      end: isLost ? remoteEnd : end,
      stdout: stores.stdout.text(),
      stderr: stores.stderr.text(),
      durationMs: Math.round(performance.now() - startedAt),
    }
  } finally {
    channel.abort()
  }
}
