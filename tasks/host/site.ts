import { lines, raw, sh, type InstanceContext, type Placement, type Script } from '../../src/index.ts'

/** An instance on a host, as far as the scripts have to know it. */
export interface Site extends Pick<Placement, 'host' | 'instance' | 'paths'> {
  /** The folder that it runs from, where that is known on the laptop; otherwise the host looks. */
  readonly directory?: string
}

/** What a task knows about its instance. */
export type SiteContext = Pick<InstanceContext, 'host' | 'instance' | 'paths' | 'next' | 'state'>

/** Where the instance of a task runs: from what is being put in place, or else from what the host said before. */
export function siteOf({ host, instance, paths, next, state }: SiteContext): Site {
  const directory = next?.directory ?? state.directory
  return { host, instance, paths, ...(directory === undefined ? {} : { directory }) }
}

/**
 * Shell text that sets `$directory`, where the instance runs, and `$private`, where srv keeps what it knows about it.
 *
 * A folder with releases of which none is `current` has nothing that could run: `$directory` does not exist then, which
 * tells a restart that there is nothing to go back to.
 */
export function locate({ instance, paths, directory }: Site): Script {
  const found =
    directory === undefined
      ? lines(
          sh`directory=${`${paths.instance}/current`}`,
          sh`[ -d "$directory" ] || [ -d ${`${paths.instance}/releases`} ] || directory=${paths.instance}`,
        )
      : sh`directory=${directory}`
  return lines(found, sh`private=${`${paths.state}/${instance.name}`}`)
}

/** Shell text that makes `$private`, readable by the login user only. */
export const makePrivate: Script = raw('(umask 077 && mkdir -p "$private")')
