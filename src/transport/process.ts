import type { Readable, Writable } from 'node:stream'
import type { End, RawChannel } from './transport.ts'

/** How a process ended by itself. */
export type Natural = Extract<End, { readonly kind: 'exit' | 'signal' | 'lost' }>

/** A started command line on the laptop or on a host. */
export interface Process {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Settles when the exit status is known or the link is lost; output may still be on its way. It never rejects. */
  readonly exited: Promise<Natural>
  /** Settles when no more output can come. It never rejects. */
  readonly closed: Promise<unknown>
  /** Drops it at once; on a host that ends nothing. */
  abandon(): void
}

/**
 * A process as a channel whose streams are the caller's. The signal drops it at once: sshd does not close a channel
 * before its command has ended, and a tool that speaks a protocol ends when its streams do.
 */
export function asRawChannel(process: Process, signal: AbortSignal | undefined): RawChannel {
  const finish = async (): Promise<End> => {
    let cancel: () => void = () => undefined
    const cancelled = new Promise<End>((resolve) => {
      cancel = () => {
        process.abandon()
        resolve({ kind: 'cancelled', stopped: false })
      }
    })
    if (signal?.aborted === true) cancel()
    signal?.addEventListener('abort', cancel, { once: true })
    const natural = Promise.all([process.exited, process.closed]).then(([end]) => end)
    const end = await Promise.race([natural, cancelled])
    signal?.removeEventListener('abort', cancel)
    return end
  }
  return { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, end: finish() }
}
