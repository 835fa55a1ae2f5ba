import { srvError } from '../error/srv-error.ts'

/** What some work comes to, or nothing as soon as the signal fires: a log-in may take long. */
export async function orAborted<R>(work: Promise<R>, signal: AbortSignal): Promise<R | undefined> {
  let stop = (): void => undefined
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => {
      resolve(undefined)
    }
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** What was waited for, and how things are when that came to nothing. */
export interface Waiting {
  /** `every host had answered` */
  readonly until: string
  /** `Nothing was changed.` */
  readonly left: string
}

/** What a question to hosts waits for. */
export const answers: Waiting = { until: 'every host had answered', left: 'Nothing was changed.' }

/**
 * What some work comes to, when nobody interrupts it. What it still does then is not waited for, and what goes wrong with it
 * went wrong because of that.
 *
 * @throws SrvError SRV-516
 */
export async function uninterrupted<R>(work: Promise<R>, signal: AbortSignal, waiting = answers): Promise<R> {
  try {
    const found = await orAborted(
      work.then((value) => ({ value })),
      signal,
    )
    if (found !== undefined) return found.value
  } catch (thrown) {
    if (!signal.aborted) throw thrown
  }
  throw srvError('SRV-516', waiting)
}

/** The exit code of what was interrupted: 143 when it was told to end, 130 after Ctrl-C. */
export function interruptedCode({ reason }: AbortSignal): number {
  return reason === 'SIGTERM' ? 143 : 130
}
