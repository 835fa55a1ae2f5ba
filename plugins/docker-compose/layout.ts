import type { Placement } from '../../src/index.ts'
import type { Settings } from './options.ts'

/** Absolute paths of what the plugin keeps for one instance on its host, and the names by which Docker knows it. */
export interface Layout {
  readonly instance: string
  readonly data: string
  /** Mode 0700: a folder for each frozen release, `mounts/` with the files that they mount, and `active`. */
  readonly compose: string
  /** The compose project. */
  readonly project: string
  /** `srv/<project>-<compose service>:<release>` begins with this; with a registry its name takes the place of `srv`. */
  readonly images: string
}

/** A project of Compose may have no dots in its name. */
function projectName({ service, name }: Placement['instance']): string {
  return (name === 'docker' ? service : `${service}-${name}`).replaceAll('.', '-')
}

/** Where things are: see the layout in the plugin's README. */
export function layoutOf({ paths, instance }: Pick<Placement, 'paths' | 'instance'>, settings: Settings): Layout {
  const project = settings.project ?? projectName(instance)
  return {
    instance: paths.instance,
    data: paths.data,
    compose: `${paths.state}/${instance.name}/compose`,
    project,
    images: `${settings.registry ?? 'srv'}/${project}-`,
  }
}
