import type { Readable, Writable } from 'node:stream'
import type { ServerChannel } from 'ssh2'

/**
 * Carries a command's two output streams to a channel, one write at a time, so that neither outruns the client.
 * Resolves when both have ended, or when `gone` says that nobody listens any longer.
 *
 * One at a time, and what a blocked write left behind is cleared: a channel of ssh2 1.17 keeps the last piece that had
 * to wait for the client (`_chunk`, lib/Channel.js) and sends it again when the other stream has to wait.
 */
export async function carryOutput(
  stdout: Readable,
  stderr: Readable,
  channel: ServerChannel,
  gone: AbortSignal,
): Promise<void> {
  let release = (): void => undefined
  let last = Promise.resolve()
  gone.addEventListener('abort', () => {
    // The client is gone: as behind a real sshd, the command is not killed but finds its output closed.
    stdout.destroy()
    stderr.destroy()
    // ssh2 never calls back for a write to a closed channel.
    release()
  })
  const write = (sink: Writable, piece: Buffer): Promise<void> => {
    last = last.then(
      () =>
        new Promise((resolve) => {
          if (gone.aborted) {
            resolve()
            return
          }
          release = resolve
          sink.write(piece, () => {
            Object.assign(channel, { _chunk: undefined, _chunkcb: undefined })
            Object.assign(channel, { _chunkErr: undefined, _chunkcbErr: undefined })
            resolve()
          })
        }),
    )
    return last
  }
  const carry = async (source: AsyncIterable<Buffer>, sink: Writable): Promise<void> => {
    try {
      for await (const piece of source) await write(sink, piece)
    } catch {
      // Destroyed above, or reset: there is no more to carry either way.
    }
  }
  await Promise.all([carry(stdout, channel), carry(stderr, channel.stderr)])
}
