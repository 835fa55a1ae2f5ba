import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { constants } from 'node:os'
import type { Connection, ServerChannel, Session } from 'ssh2'
import { carryOutput } from './output.ts'

/** Where and as whom the commands of a connection run. */
export interface Login {
  readonly home: string
  readonly environment: Readonly<Record<string, string>>
}

/** The signals that SSH has names for (RFC 4254 §6.10, less those that ssh2 refuses). */
const namedSignals = [
  'ABRT',
  'ALRM',
  'FPE',
  'HUP',
  'ILL',
  'INT',
  'KILL',
  'PIPE',
  'QUIT',
  'SEGV',
  'TERM',
  'USR1',
  'USR2',
]

function reportExit(channel: ServerChannel, code: number | null, signal: NodeJS.Signals | null): void {
  if (signal === null) channel.exit(code ?? 255)
  else if (namedSignals.includes(signal.slice(3))) channel.exit(signal.slice(3))
  else channel.exit(128 + constants.signals[signal])
}

function refuse(channel: ServerChannel, reason: string): void {
  channel.stderr.write(`${reason}\n`)
  channel.exit(255)
  channel.end()
}

/** Starts the shell in a session and process group of its own, as sshd does, so that it outlives this program. */
function startShell(login: Login, words: readonly string[]): ChildProcessWithoutNullStreams {
  mkdirSync(login.home, { recursive: true })
  return spawn('/bin/sh', words, { cwd: login.home, env: login.environment, detached: true, stdio: 'pipe' })
}

/** Runs one command on a channel. When the client is gone its standard input ends and nothing is killed, as with a real sshd. */
function runCommand(
  login: Login,
  channel: ServerChannel,
  gone: AbortSignal,
  words: readonly string[],
): number | undefined {
  let child: ChildProcessWithoutNullStreams
  try {
    child = startShell(login, words)
  } catch (error) {
    refuse(channel, `The command could not be started: ${String(error)}`)
    return undefined
  }
  child.on('error', (error) => {
    if (child.pid === undefined) refuse(channel, `The command could not be started: ${error.message}`)
  })
  if (child.pid === undefined) return undefined
  child.on('exit', (code, signal) => {
    reportExit(channel, code, signal)
  })
  channel.on('error', () => undefined)
  channel.pipe(child.stdin)
  const discard = (): void => {
    // The command reads no more; the client may still send, and its window must not run dry.
    channel.unpipe(child.stdin)
    channel.resume()
  }
  child.stdin.on('error', discard).on('close', discard)
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve()
    })
  })
  void Promise.all([carryOutput(child.stdout, child.stderr, channel, gone), exited]).then(() => {
    channel.end()
  })
  return child.pid
}

function signalGroup(pid: number, name: string): void {
  try {
    process.kill(-pid, `SIG${name.replace(/^SIG/, '')}`)
  } catch {
    // The group has ended, or there is no such signal.
  }
}

/** Serves one session of a client: a command, or a shell that reads one from standard input, but never a terminal. */
export function serveSession(client: Connection, session: Session, login: Login): void {
  const gone = new AbortController()
  const hangUp = (): void => {
    client.off('close', hangUp)
    gone.abort()
  }
  // The channel's own `close` waits until the command has read all of its input, which it may never do.
  session.once('close', hangUp)
  client.once('close', hangUp)
  let pid: number | undefined
  let wantsTerminal = false
  session.on('error', () => undefined)
  session.on('pty', (_accept, reject) => {
    wantsTerminal = true
    reject()
  })
  session.on('exec', (accept, _reject, { command }) => {
    pid = runCommand(login, accept(), gone.signal, ['-c', command])
  })
  session.on('shell', (accept) => {
    if (wantsTerminal) refuse(accept(), 'A sandbox host has no terminal: name a command to run.')
    else pid = runCommand(login, accept(), gone.signal, [])
  })
  session.on('signal', (_accept, _reject, { name }) => {
    if (pid !== undefined) signalGroup(pid, name)
  })
}
