import { createHash } from 'node:crypto'
import { connect } from 'node:net'

/** Longer than a busy machine needs; the full time passes only with a program that accepts and says nothing. */
const timeoutMs = 5000

/** The software name by which the server of one sandbox host greets: it changes with the host key. */
export function greetingOf(publicKey: string): string {
  return `srvkit_${createHash('sha256').update(publicKey).digest('hex').slice(0, 16)}`
}

/** What listens on a port: nobody, the server of the host that is looked for, or another program. */
export type Listener = 'nobody' | 'ours' | 'foreign'

/** Asks who listens, by the first line that an SSH server says before anything else. */
export function whoListens(address: string, port: number, greeting: string): Promise<Listener> {
  return new Promise((resolve) => {
    const expected = `SSH-2.0-${greeting}\r\n`
    const socket = connect({ host: address, port })
    let connected = false
    let heard = ''
    const done = (listener: Listener): void => {
      socket.destroy()
      resolve(listener)
    }
    socket.setTimeout(timeoutMs, () => {
      done('foreign')
    })
    socket.on('connect', () => {
      connected = true
    })
    socket.on('data', (data) => {
      heard += data.toString('latin1')
      if (heard.length >= expected.length) done(heard.startsWith(expected) ? 'ours' : 'foreign')
    })
    socket.on('error', () => {
      done(connected ? 'foreign' : 'nobody')
    })
    socket.on('end', () => {
      done('foreign')
    })
  })
}
