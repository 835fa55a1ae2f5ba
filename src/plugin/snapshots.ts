import type { Placement } from '../config/resolved.ts'
import type { Script } from '../shell/script.ts'

/** One point-in-time copy of a service's data. */
export interface SnapshotFacts {
  /** Sorts by time: `20261122T140311Z`. */
  readonly id: string
  /** `unreadable` is one of which nothing but the id is known. */
  readonly state: 'good' | 'suspect' | 'unreadable'
  /** Id of the release that served then; empty when none did. */
  readonly release: string
  readonly files: number
  readonly bytes: number
  /** Bytes that no older snapshot has. */
  readonly newBytes: number
  /** What to know about it, in one sentence; usually empty. */
  readonly note: string
  /** Whether somebody asked for it to be kept whatever the rules say; `false` when it is left out. */
  readonly pinned?: boolean
  /** Id of the release whose deploy it was made for; left out or empty for any other. */
  readonly before?: string
}

/** A restore that was tried without touching what serves. */
export interface RehearsalFacts {
  /** Id of the snapshot, which may be gone by now. */
  readonly id: string
  /** ISO 8601 UTC time at which it began. */
  readonly at: string
  /** Where it was done: usually the host that the data belongs to. */
  readonly host: string
  /** What a restore takes. */
  readonly seconds: number
  readonly ok: boolean
  /** What was proved, in words of the plugin; `release` is among them when a release was started, otherwise only data was restored. */
  readonly checked: readonly string[]
  /** Why it failed or proved less than everything, in one sentence; usually empty. */
  readonly note: string
}

/** What a restore has left beside the data of a service, on its host: the data of before. */
export interface OldDataFacts {
  /** Absolute. */
  readonly path: string
  /** ISO 8601 UTC time from which it counts as old. */
  readonly since: string
  /** Whether a part of it was removed already. */
  readonly isCutOff: boolean
}

/** Where the snapshots of a placement's service are, and how they are asked for. */
export interface Snapshots {
  /** Each is asked on a host, by its name, or on the operator's machine: `local`. */
  readonly places: (
    placement: Placement,
    projectRoot: string,
  ) => readonly { readonly on: string; readonly folder: string; readonly probe: Script }[]
  /** Whose the snapshots are: hosts of two environments may share a name, and with it a place. */
  readonly owner?: {
    /** What is asked on the placement's own host. */
    readonly probe: (placement: Placement) => Script
    /** Whether a place, by its answer, has those of another machine than the host that gave that identity. */
    readonly isOther: (stdout: string, identity: string) => boolean
  }
  /** Newest first. */
  readonly read: (stdout: string) => readonly SnapshotFacts[]
  /** The rehearsals in the same answer, newest first. */
  readonly rehearsals?: (stdout: string) => readonly RehearsalFacts[]
  /** Whether, by the same answer, a schedule has missed runs since the newest good snapshot; `undefined` without a schedule, or when that is unknown. */
  readonly overdue?: (stdout: string) => boolean | undefined
  /** What restores have left on the placement's own host. */
  readonly oldData?: {
    /** What is asked there; nothing where another instance speaks for the service. */
    readonly probe: (placement: Placement) => Script | undefined
    /** Oldest first. */
    readonly read: (stdout: string, placement: Placement) => readonly OldDataFacts[]
  }
}
