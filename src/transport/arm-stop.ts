import type { End, ExecOptions } from './transport.ts'

/** Why something was ended before it ended by itself. */
export type Stop = { readonly kind: 'cancelled' } | Omit<Extract<End, { readonly kind: 'timeout' }>, 'stopped'>

/** Calls `stop` once, when the signal fires or time is up, whichever is first; the answer disarms it and says which it was. */
export function armStop(
  { signal, timeoutMs }: Pick<ExecOptions, 'signal' | 'timeoutMs'>,
  stop: () => void,
): () => Stop | undefined {
  let requested: Stop | undefined
  const request = (why: Stop): void => {
    if (requested !== undefined) return
    requested = why
    stop()
  }
  const cancel = (): void => {
    request({ kind: 'cancelled' })
  }
  if (signal?.aborted === true) cancel()
  signal?.addEventListener('abort', cancel, { once: true })
  const limit =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          request({ kind: 'timeout', timeoutMs })
        }, timeoutMs)
  return () => {
    clearTimeout(limit)
    signal?.removeEventListener('abort', cancel)
    return requested
  }
}
