import { isSrvError } from '../../src/error/srv-error.ts'

/** What a person would be shown of the error with which something fails; fails itself when it does not, or with another error. */
export async function refusalOf(promise: Promise<unknown>) {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isSrvError(error)) throw new Error(`no error of srv: ${String(error)}`)
  const { code, exitCode, message, hint, output } = error
  return { code, exitCode, message, hint, output }
}
