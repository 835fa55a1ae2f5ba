import { isSrvError, srvError, type Script } from '../../../src/index.ts'
import { publishedLine } from '../scripts/seal.ts'
import type { Vault } from '../vault.ts'
import { kept, onKeeper, type Place } from './context.ts'

/**
 * Runs the text that publishes a snapshot, and returns what it printed.
 *
 * @throws SrvError SRV-640 when there is no snapshot, SRV-663 when there is, and what is done behind that failed
 */
export async function publish(context: Place, vault: Vault, id: string, script: Script): Promise<string> {
  try {
    return await onKeeper(context, vault, script)
  } catch (thrown) {
    if (!isSrvError(thrown) || !thrown.output.includes(publishedLine)) throw thrown
    const output = thrown.output.filter((line) => line !== publishedLine)
    const problem = (output.at(-1) ?? 'it does not say why').replace(/\.$/, '')
    const { host, service } = context
    const where = { host: host.name, instance: service.name }
    throw srvError('SRV-663', { ...kept(context, vault), id, problem }, { where, output })
  }
}
