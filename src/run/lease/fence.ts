import { randomBytes } from 'node:crypto'
import type { SrvError } from '../../error/srv-error.ts'
import type { Answer } from '../../plugin/contract.ts'
import { lines, raw, type Script } from '../../shell/script.ts'
import type { ExecResult } from '../../transport/transport.ts'
import { lockedCode } from './script.ts'

/**
 * What stands in front of a command that is not sent in pieces, in its own text, so that it costs no round trip: the
 * command of a run whose lease is somebody else's by now does not begin.
 */
export interface Fence {
  readonly before: Script
  /** Whether a line of standard error is the fence's own. */
  readonly isOwn: (line: string) => boolean
  /** @throws SrvError SRV-403 or SRV-405 when the command was stopped by the fence */
  readonly check: (result: ExecResult) => void
}

/** Makes a fence of a guard; what the guard says comes back behind a word that no other output can begin with. */
export function fenceOf(guard: Script, errorOf: (answer: Answer) => SrvError): Fence {
  const word = `srv_fence_${randomBytes(8).toString('hex')}`
  const isOwn = (line: string): boolean => line.startsWith(word)
  return {
    before: lines(
      raw('srv_said=$( ( set -eu'),
      guard,
      raw(`) </dev/null 2>&1 ) || { echo "${word} $? $srv_said" >&2; exit ${lockedCode}; }
unset srv_said`),
    ),
    isOwn,
    check({ stderr }) {
      const said = stderr.split('\n').find(isOwn)
      if (said === undefined) return
      const [, code = '', text = ''] = /^\S+ (\d+) (.*)$/.exec(said) ?? []
      throw errorOf({ code: Number(code), stdout: '', stderr: text })
    },
  }
}
