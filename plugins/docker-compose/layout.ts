import { createHash } from 'node:crypto'
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
  /**
   * `srv/<project>-<compose service>:<release>` begins with this; with a registry its name takes the place of `srv`. What no
   * image may be called has a digest in its name: see `imageNames` too.
   */
  readonly images: string
}

/** The name of a Compose project must not contain dots. */
function projectName({ service, name }: Placement['instance']): string {
  return (name === 'docker' ? service : `${service}-${name}`).replaceAll('.', '-')
}

/** The part of image names that stands for a project, whose name may not be valid for an image. */
function imagePart(project: string): string {
  if (/^[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*-*$/.test(project)) return project
  const digest = createHash('sha256').update(project).digest('hex').slice(0, 8)
  return `${project.replaceAll(/[^a-z0-9]+/g, '-').replace(/-$/, '')}-${digest}`
}

/** Where things are: see the layout in the plugin's README. */
export function layoutOf({ paths, instance }: Pick<Placement, 'paths' | 'instance'>, settings: Settings): Layout {
  const project = settings.project ?? projectName(instance)
  return {
    instance: paths.instance,
    data: paths.data,
    compose: `${paths.state}/${instance.name}/compose`,
    project,
    images: `${settings.registry ?? 'srv'}/${imagePart(project)}-`,
  }
}
