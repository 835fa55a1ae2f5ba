import type { Script } from '../shell/script.ts'

/** One deployed version of an instance, as its host records it. */
export interface Release {
  /** Sorts by time: `20261122T140311Z-3f9c2a1`. */
  readonly id: string
  /** Full object id, where the source has one. */
  readonly commit?: string
  /** The branch, tag or commit that was asked for. */
  readonly ref?: string
  /** First line of the commit message. */
  readonly subject?: string
  /** ISO 8601 UTC time at which it began to serve. */
  readonly since?: string
  /** Who deployed it: `user@laptop`. */
  readonly by?: string
}

/**
 * What an instance is on its host right now, as far as it was asked.
 *
 * Several plugins may each know a part; a later part wins over an earlier one, and `drift` and `notes` are collected.
 */
export interface InstanceState {
  /** What serves, or nothing when nothing was deployed. */
  readonly release?: Release
  /** Every release on the host that can be rolled back to, newest first, including the serving one. */
  readonly releases: readonly Release[]
  /** Whether the program runs, as its supervisor says; `none` when nothing has to run. */
  readonly running: 'yes' | 'no' | 'unknown' | 'none'
  /** The answer of one sample of its health check; `unknown` when it was not asked or has none. */
  readonly healthy: 'yes' | 'no' | 'unknown'
  /** In one line each, how the host differs from the release. */
  readonly drift: readonly string[]
  /** In one line each, what is worth knowing but no deploy would change: shown with the drift, but no reason to deploy. */
  readonly notes?: readonly string[]
  /** The folder that it runs from: `/srv/blog/instances/native/current`. */
  readonly directory?: string
  /** Digest of everything that made the serving release: equal digests mean that there is nothing to do. */
  readonly digest?: string
  /** What else the inspecting plugin knows, for its own tasks: nobody else reads it. */
  readonly details?: unknown
}

/** The state of an instance about which nothing is known yet. */
export const unknownState: InstanceState = { releases: [], running: 'unknown', healthy: 'unknown', drift: [] }

/** The release that a run is to put in place on a placement. */
export interface NextRelease {
  readonly release: Release
  /** The folder that is prepared: `/srv/blog/instances/native/releases/<id>`. */
  readonly folder: string
  /** The folder that it will run from: `/srv/blog/instances/native/current`. */
  readonly directory: string
  /** Equal to the serving release's digest when there is nothing to do. */
  readonly digest?: string
  /** Shell text for the operator's machine that writes the code of the release into an empty folder; `undefined` when only hosts can fetch it. */
  readonly code?: (folder: string) => Script
}

/** What an instance was when a run began, and what that run is to make of it. */
export interface Course {
  /** What the host said before the first change of this run. */
  readonly state: InstanceState
  /** The release that this run is to put in place, once a task chose it. */
  readonly next?: NextRelease
  /** Whether `next` already serves, unchanged since it was deployed: a task that runs all the same only makes sure of that. False with `--force`. */
  readonly isUnchanged: boolean
}
