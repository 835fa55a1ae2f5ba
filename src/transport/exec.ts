import { performance } from 'node:perf_hooks'
import type { Account } from '../error/catalog/connection.ts'
import { srvError, type SrvError } from '../error/srv-error.ts'
import { sanitizeLine } from '../shell/sanitize.ts'
import type { Script } from '../shell/script.ts'
import { armStop, type Stop } from './arm-stop.ts'
import { frame, graceMs, notStoppedCode, stoppedCode } from './deadman.ts'
import { freshMark, greeting } from './greeting.ts'
import { collectOutput, defaultMaxOutputBytes } from './output.ts'
import type { Natural, Process } from './process.ts'
import { scriptText } from './script-text.ts'
import type { End, ExecOptions, ExecResult, StreamName } from './transport.ts'

/** Milliseconds of silence after the exit status, for a daemon that holds the output open: later output is not waited for. */
const lingerMs = 3000
/** Milliseconds that the host gets to report that the group is gone, on top of the grace period of the frame. */
const answerMs = 5000

function stoppedEnd(stop: Stop, natural: Natural | undefined): End {
  // Any other status means that the body had ended by itself before it was told to.
  const told = natural?.kind === 'exit' && (natural.code === stoppedCode || natural.code === notStoppedCode)
  if (natural !== undefined && natural.kind !== 'lost' && !told) return natural
  const stopped = natural?.kind === 'exit' && natural.code === stoppedCode
  return { ...stop, stopped }
}

/** Ends the body by the dead man's switch when the signal fires or time is up; `disarm` says which it was. */
function armSwitch(process: Process, options: ExecOptions) {
  let overdue: NodeJS.Timeout | undefined
  let giveUp: () => void
  const gaveUp = new Promise<undefined>((resolve) => {
    giveUp = () => {
      resolve(undefined)
      process.abandon()
    }
  })
  const disarmStop = armStop(options, () => {
    process.stdin.end()
    overdue = setTimeout(giveUp, graceMs + answerMs)
  })
  const disarm = (): Stop | undefined => {
    clearTimeout(overdue)
    return disarmStop()
  }
  return { gaveUp, disarm }
}

/** Reads both streams to the end, always, in bounded memory. */
function collect(process: Process, options: ExecOptions, mark: string) {
  const maxBytes = options.maxOutputBytes ?? defaultMaxOutputBytes
  const stores = { stdout: collectOutput(maxBytes), stderr: collectOutput(maxBytes) }
  const greetings = { stdout: greeting(mark), stderr: greeting(mark) }
  let heardAt = performance.now()
  const listen = (name: StreamName): void => {
    const say = (text: string): void => {
      if (text !== '') options.onOutput?.(name, text)
    }
    process[name].on('error', () => undefined)
    process[name].on('data', (bytes: Buffer) => {
      heardAt = performance.now()
      say(stores[name].push(greetings[name].push(bytes)))
    })
    process[name].once('end', () => {
      say(stores[name].end())
    })
  }
  listen('stdout')
  listen('stderr')
  return { stores, greetings, silentMs: () => performance.now() - heardAt }
}

async function drained(process: Process, silentMs: () => number): Promise<void> {
  const exitedAt = performance.now()
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<void>((resolve) => {
    timer = setInterval(() => {
      if (Math.min(silentMs(), performance.now() - exitedAt) >= lingerMs) resolve()
    }, 250)
  })
  await Promise.race([process.closed, silence])
  clearInterval(timer)
}

/** The error of a process that ended before the script began: no part of the script ran. */
function neverBegan(natural: Natural, account: Account, options: ExecOptions, said: readonly string[]): SrvError {
  const ended = natural.kind === 'exit' ? `ended with exit code ${String(natural.code)}` : 'was killed'
  const output = said
    .flatMap((text) => text.split('\n'))
    .map((line) => sanitizeLine(line).trimEnd())
    .filter((line) => line !== '')
    .slice(-20)
  const code = options.sudo === true ? 'SRV-216' : 'SRV-215'
  return srvError(code, { ...account, ended }, { where: { host: account.host }, output })
}

/**
 * Runs a script in a process that was started with `frameCommand`.
 *
 * @throws SrvError SRV-215 or SRV-216 when no shell, or no sudo, took the script
 */
export async function execIn(
  process: Process,
  script: Script | string,
  options: ExecOptions,
  account: Account,
): Promise<ExecResult> {
  const startedAt = performance.now()
  process.stdin.on('error', () => undefined)
  const mark = freshMark()
  const { stores, greetings, silentMs } = collect(process, options, mark)
  process.stdin.write(frame(scriptText(script), mark))
  const { gaveUp, disarm } = armSwitch(process, options)
  const natural = await Promise.race([process.exited, gaveUp])
  if (natural !== undefined) await drained(process, silentMs)
  const stop = disarm()
  process.abandon()
  if (natural !== undefined && natural.kind !== 'lost' && !greetings.stdout.isOver()) {
    if (stop !== undefined) return notStarted({ ...stop, stopped: true })
    throw neverBegan(natural, account, options, [greetings.stdout.noise(), greetings.stderr.noise()])
  }
  return {
    end:
      stop === undefined ? (natural ?? { kind: 'lost', reason: 'the host did not answer' }) : stoppedEnd(stop, natural),
    stdout: stores.stdout.text(),
    stderr: stores.stderr.text(),
    durationMs: Math.round(performance.now() - startedAt),
  }
}

/** The result of a script that never got to a host. */
export function notStarted(end: End): ExecResult {
  return { end, stdout: '', stderr: '', durationMs: 0 }
}
