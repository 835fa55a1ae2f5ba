import { PassThrough, Transform, type TransformCallback } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import type { Account } from '../../error/catalog/connection.ts'
import { frameCommand } from '../deadman.ts'
import { execIn, notStarted } from '../exec.ts'
import { freshMark, greeting } from '../greeting.ts'
import { asRawChannel, type Natural, type Process } from '../process.ts'
import type { End, RawChannel, Transport } from '../transport.ts'
import type { Connection } from './connection.ts'
import { createSpare, type Spare } from './spare.ts'

type Started =
  { readonly kind: 'started'; readonly process: Process } | { readonly kind: 'lost'; readonly reason: string }

function watchChannel(channel: ClientChannel, connection: Connection): Process {
  const closing = new Promise<void>((resolve) => {
    channel.once('close', () => {
      resolve()
    })
  })
  const stderrEnd = new Promise<void>((resolve) => {
    channel.stderr.once('end', resolve).once('close', resolve)
  })
  const exited = new Promise<Natural>((resolve) => {
    channel.once('exit', (...status: [code: number] | [code: null, signal: string]) => {
      const [code, signal] = status
      resolve(code === null ? { kind: 'signal', signal } : { kind: 'exit', code })
    })
    // ssh2 closes the channels of a lost connection as if their commands had ended.
    void Promise.race([connection.gone, closing]).then(() => {
      const reason = connection.lostReason() ?? 'the host closed the channel without an exit status'
      setImmediate(resolve, { kind: 'lost', reason })
    })
  })
  channel.on('error', () => undefined)
  return {
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    exited,
    closed: Promise.race([connection.gone, Promise.all([closing, stderrEnd])]),
    abandon() {
      channel.close()
    },
  }
}

/** Opens a session on a place that was taken for it, and starts a command line in it. */
async function startOn(connection: Connection, command: string, leave: () => void): Promise<Process | Error> {
  const opened = await new Promise<Process | Error>((resolve) => {
    const lost = connection.lostReason()
    if (lost !== undefined) {
      resolve(new Error(lost))
      return
    }
    void connection.gone.then((reason) => {
      resolve(new Error(reason))
    })
    try {
      // Listened to at once: the exit status of a command that ends in the packet in which it begins would be missed.
      connection.client.exec(command, (error, channel) => {
        resolve(error ?? watchChannel(channel, connection))
      })
    } catch (error) {
      resolve(error instanceof Error ? error : new Error(String(error)))
    }
  })
  if (!(opened instanceof Error)) void Promise.race([connection.gone, opened.closed]).then(leave)
  return opened
}

/** Milliseconds to wait for a server that has not yet freed the place of a command which has ended: sshd does so some time after it says so. */
const waits = [50, 100, 200, 400, 800]

/** Starts a command line, as soon as there is a place for it. */
async function start(connection: Connection, command: string, spare: Spare, waited = 0): Promise<Started> {
  const leave = await connection.channels.enter()
  const opened = await startOn(connection, command, leave)
  if (!(opened instanceof Error)) return { kind: 'started', process: opened }
  // The server allows fewer sessions than OpenSSH's ten: nothing ran, so that waiting for a place is safe.
  const isFull = opened.message.includes('Channel open failure') && connection.lostReason() === undefined
  const again = isFull && connection.channels.shrink()
  leave()
  if (isFull) spare.drop()
  if (again) return start(connection, command, spare, waited)
  const wait = waits[waited]
  if (!isFull || wait === undefined) return { kind: 'lost', reason: connection.lostReason() ?? opened.message }
  await new Promise((resolve) => setTimeout(resolve, wait))
  return start(connection, command, spare, waited + 1)
}

/** A shell for a later script, if that takes nobody's place; a server that has no room for one is not asked again. */
function spareOf(connection: Connection): Spare {
  let isFull = false
  return createSpare(async () => {
    const leave = isFull ? undefined : connection.channels.tryEnter()
    if (leave === undefined) return undefined
    const opened = await startOn(connection, frameCommand(), leave)
    if (!(opened instanceof Error)) return opened
    isFull = true
    leave()
    return undefined
  })
}

function lostChannel(end: End): RawChannel {
  const empty = (): PassThrough => new PassThrough().end()
  const stdin = new PassThrough()
  stdin.resume()
  return { stdin, stdout: empty(), stderr: empty(), end: Promise.resolve(end) }
}

/** A process without what its login shell printed before the mark, which would break a protocol. */
function withoutNoise(process: Process, mark: string, connection: Connection): Process {
  const beginning = greeting(mark)
  const stdout = new Transform({
    transform(bytes: Buffer, _encoding, done: TransformCallback) {
      done(null, beginning.push(bytes))
    },
  })
  const stdoutEnd = new Promise<void>((resolve) => {
    stdout.once('end', resolve).once('close', resolve)
  })
  process.stdout.once('close', () => stdout.end()).pipe(stdout)
  return {
    ...process,
    stdout,
    closed: Promise.race([connection.gone, Promise.all([process.closed, stdoutEnd])]),
  }
}

/** Runs commands over a connection; the connection belongs to the caller. */
export function sshTransport(connection: Connection, account: Account): Transport {
  const spare = spareOf(connection)
  const shell = async (sudo: boolean): Promise<Started> => {
    const process = sudo ? undefined : await spare.take()
    return process === undefined ? start(connection, frameCommand(sudo), spare) : { kind: 'started', process }
  }
  return {
    reached: connection.reached,
    async exec(script, options = {}) {
      const cancelled = notStarted({ kind: 'cancelled', stopped: true })
      if (options.signal?.aborted === true) return cancelled
      const started = await shell(options.sudo === true)
      if (started.kind === 'lost') return notStarted(started)
      if (options.more === true) spare.prepare()
      return execIn(started.process, script, options, account)
    },
    async open(command, { signal } = {}) {
      if (signal?.aborted === true) return lostChannel({ kind: 'cancelled', stopped: true })
      const mark = freshMark()
      const started = await start(connection, `echo ${mark}; ${command}`, spare)
      if (started.kind === 'lost') return lostChannel(started)
      return asRawChannel(withoutNoise(started.process, mark, connection), signal)
    },
    close: () => connection.close(),
  }
}
