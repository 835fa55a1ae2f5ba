import { srvError } from '../error/srv-error.ts'
import { isScript, render, type Script } from '../shell/script.ts'

function textOf(script: Script | string, problem: (name: string) => string): string {
  if (!isScript(script)) return script
  return render(script, ({ name }) => {
    throw srvError('SRV-900', { problem: problem(name) })
  })
}

/**
 * The text of a script that is about to be sent.
 *
 * @throws SrvError SRV-900 when a secret is still a reference: secrets are read once a run, before a transport sees them.
 */
export function scriptText(script: Script | string): string {
  return textOf(script, (name) => `the secret ${name} reached a transport unread`)
}

/**
 * The text of a script that becomes part of a command line, which everybody on the host can read while it runs.
 *
 * @throws SrvError SRV-900 when it has a secret in it
 */
export function commandLineText(script: Script | string): string {
  return textOf(
    script,
    (name) => `the secret ${name} is in what runs around a relayed tool, and would be in a command line on the host`,
  )
}
