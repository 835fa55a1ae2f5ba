import { randomBytes } from 'node:crypto'
import type { SrvError } from '../../error/srv-error.ts'
import type { Answer } from '../../plugin/contract.ts'
import { lines, raw, type Script } from '../../shell/script.ts'
import type { ExecResult } from '../../transport/transport.ts'
import { lockedCode } from './script.ts'

/**
 * A guard in front of a command that is not sent in pieces. It is part of the command's own text, so that it costs no round
 * trip; the command does not begin when somebody else has the lease by now.
 */
export interface Fence {
  readonly before: Script
  /** Whether a line of standard error is the fence's own. */
  readonly isOwn: (line: string) => boolean
  /** @throws SrvError SRV-403 or SRV-405 when the command was stopped by the fence */
  readonly check: (result: ExecResult) => void
}

/** Makes a fence of a guard; the output of the guard comes back after a word that no other output can begin with. */
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
