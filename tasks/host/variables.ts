import { lines, raw, sh, type Placement, type Release, type Script } from '../../src/index.ts'
import type { Site } from './site.ts'

/** Names and values in the order in which they are set. */
export type Entries = readonly (readonly [name: string, value: string])[]

/** The variables that every command of an instance sees: they say where it is. */
export function placeVariables({ host, instance, paths }: Site | Placement): Entries {
  return [
    ['SRV_SERVICE', instance.service],
    ['SRV_INSTANCE', instance.name],
    ['SRV_HOST', host.name],
    ['SRV_DATA', paths.data],
  ]
}

/** The variables that say which version of it runs. */
export function releaseVariables(environment: string, release: Release | undefined): Entries {
  return [
    ['SRV_ENVIRONMENT', environment],
    ['SRV_RELEASE', release?.id ?? ''],
    ['SRV_COMMIT', release?.commit ?? ''],
  ]
}

/** Shell text that exports them. */
export function exportVariables(entries: Entries): Script {
  return lines(...entries.map(([name, value]) => sh`export ${raw(name)}=${value}`))
}

/** Shell text that exports what a file written by `writeVariables` says, when there is one. `file` is a shell word. */
export function loadVariables(file: string): Script {
  return raw(`if [ -f ${file} ]; then set -a; . ${file}; set +a; fi`)
}

/** Shell text that goes to `$directory` and exports what the app there sees: for the commands that belong to it. */
export function enterEnvironment(site: Site): Script {
  return lines(
    raw('cd "$directory" || exit 127'),
    exportVariables(placeVariables(site)),
    loadVariables('"$private/run.env"'),
    loadVariables('./.env'),
  )
}
