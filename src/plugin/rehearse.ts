import type { Placement } from '../config/resolved.ts'
import type { Script } from '../shell/script.ts'
import type { ExecOptions } from './queries.ts'
import type { Release } from './state.ts'

/** A folder on a host in which a release is started beside the one that serves, for a while and with other data. */
export interface Scratch {
  /** Absolute; all that is made for it lies in here, and whoever asks for it removes it. */
  readonly folder: string
  /** The data that the release is to find, below `folder`. */
  readonly data: string
  readonly release: Release
  /** The folder that the instance runs from, when this very release is what serves. */
  readonly directory?: string
  readonly environment: string
  /** A port of the host that was free a moment ago: `PORT` and `SRV_PORT` say it to a native release. */
  readonly port: number
  /** A command line in place of what the config starts; it stays in the foreground. */
  readonly start?: string
  /** Variables that stand over those of the release. */
  readonly variables: Readonly<Record<string, string>>
  /** After so many seconds it has to end, whatever became of srv. */
  readonly limitSeconds: number
}

/**
 * How a release of a kind of instance is started beside the one that serves. What serves must not be touched by it: not
 * its data, its ports, its unit or its containers. Every text runs under `set -eu` in a subshell of its own.
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
  /** Goes to its folder and exports what it sees: stands before a command of the user. */
  readonly enter: (placement: Placement, settings: S, scratch: Scratch) => Script
  /** Ends all that was begun, in part or whole, also by a run that died; nothing happens when nothing was. */
  readonly end: (placement: Placement, settings: S, scratch: Pick<Scratch, 'folder' | 'data'>) => Script
}

/** The texts of one rehearsal. */
export interface Rehearsal {
  /** How some parts are started before all of them, and talked to; nothing where a release has no parts. */
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
  /** The texts, or in one phrase why there are none. */
  rehearsal(scratch: Scratch): Rehearsal | string
  /** Ends what a rehearsal in that folder began, by whomever: it does no harm when there is nothing. */
  endRehearsal(scratch: Pick<Scratch, 'folder' | 'data'>): Script
}
