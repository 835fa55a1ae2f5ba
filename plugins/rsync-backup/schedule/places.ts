import type { Placement, Schedules } from '../../../src/index.ts'
import type { Options } from '../options.ts'
import { speaks, vaultsOf } from '../vault.ts'
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
    return { on: vault.on, folder: site.home, probe: askKeeperScript(site), start: startScript(site) }
  })
}
