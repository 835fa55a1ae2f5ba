import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { semaphore, type Semaphore } from '../semaphore.ts'
import type { Reached } from '../transport.ts'

/** sshd takes ten sessions on a connection; two stay free for a second client on the same connection, such as a relay. */
const channelsPerConnection = 8

/** A connection that is logged in. */
export interface Connection {
  readonly client: Client
  /** The user that is logged in. */
  readonly user: string
  readonly reached: Reached
  /** Places for sessions; forwarded connections do not count. */
  readonly channels: Semaphore
  /** Why the connection is gone; `undefined` while it lives. */
  lostReason(): string | undefined
  /** Resolves to the reason when the connection is gone. It never rejects. */
  readonly gone: Promise<string>
  /** Opens a connection from the machine onwards. Rejects with the server's refusal. */
  forward(address: string, port: number, timeoutMs: number): Promise<Duplex>
  close(): Promise<void>
}

/** What an error of a link means to a person. */
function lossOf(error: Error | undefined): string {
  if (error === undefined) return 'the connection was closed by the other side'
  if (error.message === 'Keepalive timeout') return 'the host no longer answers'
  const code = 'code' in error ? error.code : undefined
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'the connection was reset'
  return error.message
}

/** Watches a client from its login to its end; `afterwards` releases what it was made of. */
export function adopt(client: Client, reached: Reached, afterwards: () => void): Connection {
  let lost: string | undefined
  let lastError: Error | undefined
  let closing = false
  client.on('error', (error) => {
    lastError = error
  })
  const gone = new Promise<string>((resolve) => {
    client.once('close', () => {
      lost = closing ? 'the connection was closed here' : lossOf(lastError)
      afterwards()
      resolve(lost)
    })
  })
  return {
    client,
    user: reached.user,
    reached,
    channels: semaphore(channelsPerConnection),
    lostReason: () => lost,
    gone,
    forward(address, port, timeoutMs) {
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          reject(new Error('it did not answer in time'))
        }, timeoutMs)
        client.forwardOut('127.0.0.1', 0, address, port, (error: Error | undefined, channel) => {
          clearTimeout(late)
          if (error === undefined) resolve(channel)
          else reject(error)
        })
      })
    },
    async close() {
      if (lost !== undefined) return
      closing = true
      client.end()
      // A peer that does not answer must not keep srv from ending.
      const timer = setTimeout(() => client.destroy(), 1000)
      await gone
      clearTimeout(timer)
    },
  }
}
