import type { Placement } from '../config/resolved.ts'
import type { Script } from '../shell/script.ts'

/** One point-in-time copy of a service's data. */
export interface SnapshotFacts {
  /** Sorts by time: `20261122T140311Z`. */
  readonly id: string
  readonly state: 'good' | 'suspect'
  /** Id of the release that served then; empty when none did. */
  readonly release: string
  readonly files: number
  readonly bytes: number
  /** Bytes that no older snapshot has. */
  readonly newBytes: number
  /** What is to be known about it, in one sentence; mostly empty. */
  readonly note: string
}

/** Where the snapshots of a placement's service are, and how they are asked for. */
export interface Snapshots {
  /** Each is asked on a host, by its name, or on the operator's machine: `local`. */
  readonly places: (
    placement: Placement,
    projectRoot: string,
  ) => readonly { readonly on: string; readonly folder: string; readonly probe: Script }[]
  /** Newest first. */
  readonly read: (stdout: string) => readonly SnapshotFacts[]
}
