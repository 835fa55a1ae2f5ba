import type { Placement } from '../../src/index.ts'

/** Absolute paths of what the plugin keeps for one instance on its host. */
export interface Layout {
  /** The service's folder: the first that has to exist. */
  readonly service: string
  readonly instance: string
  /** A bare repository. */
  readonly repository: string
  readonly releases: string
  /** A relative link to the release that serves. */
  readonly current: string
  readonly data: string
  /** Mode 0700: srv's own. */
  readonly state: string
  /** One JSON file for each release that srv made; folders without one are somebody else's. */
  readonly records: string
  /** One line for each switch: time, release and person, with tabs between. */
  readonly history: string
  /** Three lines: the release that the last switch put in place, where `current` led before, and what `finished` said. */
  readonly before: string
  /** In place, while the checkout is moved: three lines, the release, the commit left and the commit gone to. */
  readonly moving: string
  /** In place: what `moving` said about the last completed move, until its run has finished. */
  readonly moved: string
  /** In place: the `.env` that the last switch found. */
  readonly savedVariables: string
  /** Id of the last release whose deploy or rollback has finished. */
  readonly finished: string
}

/** Where things are: see the layout in the plugin's README. */
export function layoutOf({ paths, instance }: Pick<Placement, 'paths' | 'instance'>): Layout {
  const state = `${paths.state}/${instance.name}`
  return {
    service: paths.service,
    instance: paths.instance,
    repository: `${paths.instance}/repo`,
    releases: `${paths.instance}/releases`,
    current: `${paths.instance}/current`,
    data: paths.data,
    state,
    records: `${state}/releases`,
    history: `${state}/history`,
    before: `${state}/before`,
    moving: `${state}/moving`,
    moved: `${state}/moved`,
    savedVariables: `${state}/env.before`,
    finished: `${state}/finished`,
  }
}

/** The ref that keeps a release's commit from being collected as garbage. */
export function releaseRef(id: string): string {
  return `refs/srv/releases/${id}`
}

/** The ref to which everything is sent when a shallow repository on the host lacks what git assumes it has. */
export function wholeRef(id: string): string {
  return `refs/srv/whole/${id}`
}

/** The folder in which a release is prepared, and the one that it runs from: in place they are the same. */
export function foldersOf(
  layout: Layout,
  { strategy }: { readonly strategy: 'releases' | 'in-place' },
  id: string,
): { readonly folder: string; readonly directory: string } {
  return strategy === 'in-place'
    ? { folder: layout.instance, directory: layout.instance }
    : { folder: `${layout.releases}/${id}`, directory: layout.current }
}
