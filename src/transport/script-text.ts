import { srvError } from '../error/srv-error.ts'
import { isScript, render, type Script } from '../shell/script.ts'

/**
 * The text of a script that is about to be sent.
 *
 * @throws SrvError SRV-900 when a secret is still a reference: secrets are read once a run, before a transport sees them.
 */
export function scriptText(script: Script | string): string {
  if (!isScript(script)) return script
  return render(script, ({ name }) => {
    throw srvError('SRV-900', { problem: `the secret ${name} reached a transport unread` })
  })
}
