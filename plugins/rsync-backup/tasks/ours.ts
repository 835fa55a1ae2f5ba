import { srvError, type InstanceContext, type SrvError } from '../../../src/index.ts'
import { identityIn, identityText, ownerIn, ownerScript } from '../scripts/owner.ts'
import type { Vault } from '../vault.ts'
import { askKeeper, kept, type Place } from './context.ts'

/** The error for a folder that belongs to another machine. */
export function notOurs(context: Place, vault: Vault, owner: string, of: string): SrvError {
  const { host, service } = context
  const where = { host: host.name, instance: service.name }
  return srvError('SRV-660', { ...kept(context, vault), owner, of }, { where })
}

/** Asks a host for the identity of a service's data. */
export async function identityOf(context: Place & Pick<InstanceContext, 'paths'>): Promise<string> {
  const { stdout } = await context.probe`${identityText(context)}`
  return identityIn(stdout) ?? ''
}

/** @throws SrvError SRV-660 when the snapshots in a vault belong to another machine */
export async function assertOurs(context: Place & Pick<InstanceContext, 'paths'>, vault: Vault): Promise<void> {
  const { stdout } = await askKeeper(context, vault, ownerScript(vault))
  const owner = ownerIn(stdout)
  if (owner === undefined) return
  const of = await identityOf(context)
  if (of !== '' && of !== owner) throw notOurs(context, vault, owner, of)
}

/** The error for snapshots that would contain earlier ones. */
export function inData(context: Place, vault: Vault, data: string): SrvError {
  const { host, service } = context
  return srvError('SRV-661', { ...kept(context, vault), data }, { where: { host: host.name, instance: service.name } })
}

/** Checks what the paths alone show, before anything is asked. @throws SrvError SRV-661 */
export function assertApart(context: Place & Pick<InstanceContext, 'paths'>, vault: Vault): void {
  const { host, paths } = context
  const isSame = vault.on === host.name || (vault.on === 'local' && host.kind === 'local')
  const [data, base] = [`${paths.data}/`, `${vault.base}/`]
  if (isSame && (base.startsWith(data) || data.startsWith(base))) throw inData(context, vault, paths.data)
}
