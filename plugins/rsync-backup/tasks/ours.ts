import { isSrvError, srvError, type InstanceContext, type SrvError } from '../../../src/index.ts'
import {
  identityIn,
  identityText,
  insideIn,
  ownerIn,
  ownerScript,
  refusalScript,
  type Claim,
} from '../scripts/owner.ts'
import type { Vault } from '../vault.ts'
import { askKeeper, failure, kept, problemOf, type Place } from './context.ts'
import { together, type Failures } from './failures.ts'

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

/** Whether a vault is in the data or around it, by the paths alone, before anything is asked. */
function isInData({ host, paths }: Place & Pick<InstanceContext, 'paths'>, vault: Vault): boolean {
  const isSame = vault.on === host.name || (vault.on === 'local' && host.kind === 'local')
  const [data, base] = [`${paths.data}/`, `${vault.base}/`]
  return isSame && (base.startsWith(data) || data.startsWith(base))
}

/** Checks what the paths alone show. @throws SrvError SRV-661 */
export function assertApart(context: Place & Pick<InstanceContext, 'paths'>, vault: Vault): void {
  if (isInData(context, vault)) throw inData(context, vault, context.paths.data)
}

/** What a keeper says to `refusalScript`. @throws SrvError SRV-640 where it could not be asked: no snapshot can be made there */
async function refusalBy(context: Place, vault: Vault, claim: Claim & { readonly of: string }) {
  try {
    const { stdout } = await askKeeper(context, vault, refusalScript(vault, claim))
    const [data, owner] = [insideIn(stdout), ownerIn(stdout)]
    if (data !== undefined) return inData(context, vault, data)
    return owner === undefined ? undefined : notOurs(context, vault, owner, claim.of)
  } catch (thrown) {
    if (!isSrvError(thrown)) throw thrown
    throw failure(context, vault, problemOf(thrown), thrown.output)
  }
}

/**
 * Checks several destinations before a snapshot is begun in the first: what is refused in one makes a snapshot in none.
 * A keeper that cannot be asked is one failure. A single destination is checked when its snapshot is begun.
 *
 * @throws SrvError SRV-660, SRV-661, or AggregateError with each
 */
export async function assertAllowed(
  context: Place & Pick<InstanceContext, 'paths' | 'dryRun'>,
  vaults: readonly Vault[],
  claim: Claim & { readonly of: string },
  failed: Failures,
): Promise<void> {
  const { paths, dryRun } = context
  const refused = vaults.flatMap((vault) => (isInData(context, vault) ? [inData(context, vault, paths.data)] : []))
  if (refused.length > 0) throw together(refused)
  if (dryRun || vaults.length === 1) return
  for (const vault of vaults) {
    await failed.attempt(vault, async () => {
      const refusal = await refusalBy(context, vault, claim)
      if (refusal !== undefined) refused.push(refusal)
    })
  }
  if (refused.length > 0) throw together(refused)
}
