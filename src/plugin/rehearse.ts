import type { Placement } from '../config/resolved.ts'
import type { Script } from '../shell/script.ts'
import type { ExecOptions } from './queries.ts'
import type { Release } from './state.ts'

/** A folder on a host in which a release is started next to the one that serves, temporarily and with other data. */
export interface Scratch {
  /** Absolute; everything made for it is in here, and the caller removes it. */
  readonly folder: string
  /** The data that the release is to find, below `folder`. */
  readonly data: string
  readonly release: Release
  /** The folder that the instance runs from, when this very release is what serves. */
  readonly directory?: string
  readonly environment: string
  /** A port of the host that was free a moment ago: `PORT` and `SRV_PORT` say it to a native release. */
  readonly port: number
  /** A command line instead of what the config starts; it stays in the foreground. */
  readonly start?: string
  /** Variables that override those of the release. */
  readonly variables: Readonly<Record<string, string>>
  /** After this many seconds it has to end, even if srv is gone. */
  readonly limitSeconds: number
}

/**
 * How a release of a kind of instance is started next to the one that serves. It must not touch what serves: not its data,
 * its ports, its unit or its containers. Every text runs under `set -eu` in a subshell of its own.
 */
export interface Rehearse<S> {
  readonly kinds: readonly ('native' | 'docker')[]
  /** Why it cannot be started in that way; nothing when it can. Asked before anything is done. */
  readonly refuse?: (placement: Placement, settings: S, scratch: Scratch) => string | undefined
  /** For kinds that are made of several parts, such as compose services. */
  readonly parts?: {
    /** Starts some of them, and what they need, before `begin` starts all. */
    readonly begin: (placement: Placement, settings: S, scratch: Scratch, names: readonly string[]) => Script
    /** One compound command that runs another inside the part of that name. */
    readonly inside: (
      placement: Placement,
      settings: S,
      scratch: Scratch,
      name: string,
      words: readonly string[],
      options: ExecOptions,
    ) => Script
  }
  /** Starts it. */
  readonly begin: (placement: Placement, settings: S, scratch: Scratch) => Script
  /** Waits until it is healthy; the first line on stderr says why it is not, or what was asked on stdout. */
  readonly gate: (placement: Placement, settings: S, scratch: Scratch) => Script
  /** Changes to its folder and exports its environment: comes before a command of the user. */
  readonly enter: (placement: Placement, settings: S, scratch: Scratch) => Script
  /** Stops all that was started, even in part or by a run that died; does nothing when nothing was started. */
  readonly end: (placement: Placement, settings: S, scratch: Pick<Scratch, 'folder' | 'data'>) => Script
}

/** The texts of one rehearsal. */
export interface Rehearsal {
  /** How some parts are started before all of them, and how to talk to them; `undefined` where a release has no parts. */
  readonly parts?: {
    begin(names: readonly string[]): Script
    inside(name: string, words: readonly string[], options?: ExecOptions): Script
  }
  readonly begin: Script
  readonly gate: Script
  readonly enter: Script
}

/** What a task on an instance is given to start a release of it beside the one that serves. */
export interface Rehearses {
  /** The texts, or a phrase that says why there are none. */
  rehearsal(scratch: Scratch): Rehearsal | string
  /** Stops what any rehearsal in that folder started; does no harm when there is nothing. */
  endRehearsal(scratch: Pick<Scratch, 'folder' | 'data'>): Script
}
