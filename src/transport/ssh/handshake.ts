import { performance } from 'node:perf_hooks'
import type { Duplex } from 'node:stream'
import type { AuthHandlerMiddleware, Client } from 'ssh2'
import type { Candidate } from './candidates.ts'
import type { Trouble } from './failure.ts'
import type { HostKeyAlgorithm } from './known-hosts.ts'
import type { Route } from './route.ts'

/** How an attempt to log in failed. */
export type Refusal =
  | { readonly kind: 'trouble'; readonly trouble: Trouble }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'host-key' }
  | {
      readonly kind: 'auth'
      readonly tried: readonly string[]
      readonly accepts: readonly string[]
      /** Whether the server would not let any more be tried (MaxAuthTries). */
      readonly isCutOff: boolean
    }

/** The outcome of an attempt to log in: a client, or why there is none. */
export type Outcome = { readonly kind: 'ready'; readonly client: Client } | Refusal

/** How a dead link is found out: ssh2 asks the server after so many milliseconds of silence, and gives up after so many questions. */
export interface Keepalive {
  readonly intervalMs: number
  readonly countMax: number
}

/** What one try needs. */
export interface Attempt {
  readonly route: Route
  /** The way through a jump host or a ProxyCommand. */
  readonly sock: Duplex | undefined
  readonly serverHostKey: HostKeyAlgorithm[]
  /** Says whether the presented key is trusted; synchronously, because ssh2 takes a promise for a yes. */
  readonly acceptHostKey: (blob: Buffer) => boolean
  readonly candidates: readonly Candidate[]
  readonly keepalive: Keepalive
  /** Cancels the attempt. */
  readonly signal: AbortSignal
  readonly warn: (message: string, host?: string) => void
}

/** A time limit that is paused while somebody is asked for a passphrase. */
function pausableLimit(limitMs: number, onTimeout: () => void) {
  let leftMs = limitMs
  let startedAt = 0
  let timer: NodeJS.Timeout | undefined
  const resume = (): void => {
    startedAt = performance.now()
    timer = setTimeout(onTimeout, leftMs)
  }
  const pause = (): void => {
    clearTimeout(timer)
    leftMs -= performance.now() - startedAt
  }
  resume()
  return { pause, resume, stop: () => clearTimeout(timer) }
}

function authenticate(attempt: Attempt, limit: ReturnType<typeof pausableLimit>) {
  const waiting = [...attempt.candidates]
  const state: { tried: string[]; accepts: string[]; begun: boolean } = { tried: [], accepts: [], begun: false }
  // With no key at all the server may still let us in, or else say what it would accept.
  if (waiting.length === 0) {
    const { user } = attempt.route
    waiting.push({ label: '', method: () => Promise.resolve({ type: 'none', username: user }) })
  }
  const nextMethod = async (): ReturnType<Candidate['method']> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      limit.pause()
      const method = await one.method()
      limit.resume()
      if (method === undefined) continue
      if (one.label !== '') state.tried.push(one.label)
      return method
    }
    return undefined
  }
  const handler: AuthHandlerMiddleware = (left: readonly string[] | null, _partial, next) => {
    state.begun = true
    if (left !== null) state.accepts = [...left]
    const isOver = left !== null && !left.includes('publickey')
    const give = async (): Promise<void> => {
      const method = isOver ? undefined : await nextMethod()
      // ssh2 wants `false` when nothing is left; its types do not say so.
      if (method === undefined) Reflect.apply(next, undefined, [false])
      else next(method)
    }
    give().catch(() => {
      Reflect.apply(next, undefined, [false])
    })
  }
  return { handler, state }
}

/** What sshd says when it hangs up; `ssh` shows the same words. */
const isCutOff = ({ message }: Error): boolean => /too many authentication failures/i.test(message)

/**
 * One try to connect and log in. node-ssh makes the connection; its error listener is replaced at once by one that
 * stays for the life of the client, since node-ssh takes its own away and a reset would then end the whole program.
 */
export async function handshake(attempt: Attempt): Promise<Outcome> {
  const { NodeSSH } = await import('node-ssh')
  const { route, sock } = attempt
  return new Promise((resolve) => {
    let client: Client | null = null
    let hostKeyRefused = false
    let settled = false
    const settle = (outcome: Outcome): void => {
      if (settled) return
      settled = true
      limit.stop()
      attempt.signal.removeEventListener('abort', giveUp)
      resolve(outcome)
      if (outcome.kind !== 'ready') client?.destroy()
    }
    const limit = pausableLimit(route.connectTimeoutMs, () => {
      settle({ kind: 'timeout' })
    })
    const { handler, state } = authenticate(attempt, limit)
    const giveUp = (): void => {
      settle({ kind: 'trouble', trouble: { error: new Error('it was cancelled here'), authenticating: state.begun } })
    }
    const fail = (error: Error & { readonly level?: string }): void => {
      if (settled) return
      if (error.level === 'agent') {
        attempt.warn(`the SSH agent did not sign (${error.message}): continuing without that key`, route.name)
      } else if (hostKeyRefused) settle({ kind: 'host-key' })
      else if (error.level === 'client-authentication' || isCutOff(error)) {
        settle({ kind: 'auth', tried: state.tried, accepts: state.accepts, isCutOff: isCutOff(error) })
      } else settle({ kind: 'trouble', trouble: { error, authenticating: state.begun } })
    }
    const ssh = new NodeSSH()
    const connecting = ssh.connect({
      host: route.address,
      port: route.port,
      username: route.user,
      ...(sock === undefined ? {} : { sock }),
      readyTimeout: 0,
      keepaliveInterval: attempt.keepalive.intervalMs,
      keepaliveCountMax: attempt.keepalive.countMax,
      algorithms: { serverHostKey: attempt.serverHostKey },
      hostVerifier: (blob: Buffer) => {
        // Whatever the types promise, ssh2 takes anything but `false` for a yes.
        const accepted: unknown = attempt.acceptHostKey(blob)
        hostKeyRefused = accepted !== true
        return !hostKeyRefused
      },
      authHandler: handler,
    })
    connecting.catch(() => undefined)
    client = ssh.connection
    if (client === null) {
      settle({ kind: 'trouble', trouble: { error: new Error('node-ssh made no client'), authenticating: false } })
      return
    }
    const made = client
    made.removeAllListeners('error')
    made.on('error', fail)
    // With Nagle's algorithm each command costs 40 ms more.
    made.once('connect', () => made.setNoDelay(true))
    made.once('ready', () => {
      settle({ kind: 'ready', client: made })
    })
    made.once('close', () => {
      fail(new Error('the connection was closed by the other side'))
    })
    attempt.signal.addEventListener('abort', giveUp, { once: true })
    if (attempt.signal.aborted) giveUp()
  })
}
