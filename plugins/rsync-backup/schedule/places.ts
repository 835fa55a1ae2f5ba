import { lines, type Placement, type Schedules, type Script } from '../../../src/index.ts'
import type { Options } from '../options.ts'
import { speaks, vaultsOf, type Vault } from '../vault.ts'
import { dueScript } from './due.ts'
import { askKeeperScript, startScript } from './list.ts'
import { siteOf } from './site.ts'

/** Where the schedules of a placement's service may be, and how they are asked for and run. */
export function schedulesOf(
  options: Options,
  placement: Placement,
  projectRoot: string,
): ReturnType<Schedules['places']> {
  if (!speaks(placement)) return []
  return vaultsOf(options, placement, projectRoot).map((vault) => {
    const site = siteOf(placement, vault)
    return {
      on: vault.on,
      folder: site.home,
      isWanted: options.schedule !== undefined,
      probe: askKeeperScript(site),
      start: startScript(site),
    }
  })
}

/** Behind the list of the snapshots in a vault: by when another one is due, where there is a schedule. */
export function dueIn({ schedule }: Options, placement: Placement, vault: Vault): Script {
  return schedule === undefined ? lines() : dueScript(siteOf(placement, vault), schedule)
}
