import { isSrvError, lines, raw, srvError, type InstanceContext } from '../../../src/index.ts'
import type { Keep } from '../retention/policy.ts'
import { pruneScript } from '../scripts/prune.ts'
import type { Vault } from '../vault.ts'
import { keeperIn, kept, problemOf, where, type Place } from './context.ts'

/** What a task that removes works with. */
type Removing = Place & Pick<InstanceContext, 'progress'>

/** Reports snapshots that are kept because they cannot be judged. */
function tellUnreadable(context: Removing, vault: Vault, verdict: string): void {
  for (const [, line = ''] of verdict.matchAll(/^keep (.* unreadable: .*)$/gm)) {
    context.progress(`${where(vault)}: ${line}`)
  }
}

/** Names the snapshots that stay for now, since somebody reads them. */
function tellRead(context: Removing, vault: Vault, said: string): void {
  for (const [, id = ''] of said.matchAll(/^reading (.*)$/gm)) {
    context.progress(`${where(vault)}: ${id} is being read: it stays until the next prune`)
  }
}

/**
 * Removes the snapshots that no rule keeps, after the one with an id was made when there is one.
 *
 * @throws SrvError SRV-662: what was made is there all the same
 */
export async function removeOld(context: Removing, vault: Vault, keep: Keep, id = ''): Promise<void> {
  try {
    const { stdout } = await keeperIn(context, vault).run`${lines(raw('set -eu'), pruneScript(vault, keep))}`
    tellRead(context, vault, stdout)
    if (id !== '') tellUnreadable(context, vault, stdout)
  } catch (thrown) {
    if (!isSrvError(thrown)) throw thrown
    throw srvError(
      'SRV-662',
      { ...kept(context, vault), id, problem: problemOf(thrown) },
      { where: { host: context.host.name, instance: context.service.name }, output: thrown.output },
    )
  }
}
