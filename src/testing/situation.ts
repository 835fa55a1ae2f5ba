import type { Placement } from '../config/resolved.ts'
import type { Quiet } from '../plugin/quiet.ts'
import type { Rehearses } from '../plugin/rehearse.ts'
import type { InstanceState, NextRelease } from '../plugin/state.ts'
import type { Relay } from '../transport/relay.ts'
import type { ExecResult, Reached } from '../transport/transport.ts'
import type { PlacementInput } from './placement.ts'
import type { Answers } from './recorder.ts'

/** The situation in which a task is run; everything has a default. */
export interface Situation extends PlacementInput {
  /** What the instance says under the plugin's name: validated with the plugin's schema. */
  readonly settings?: unknown
  /** Values of the task's flags; the others have their defaults. */
  readonly flags?: Readonly<Record<string, string | boolean>>
  /** What the host said before the run, about every placement that `states` does not name. */
  readonly state?: Partial<InstanceState>
  readonly states?: Readonly<Record<string, Partial<InstanceState>>>
  readonly next?: NextRelease
  /** Whether `next` serves already. @default false */
  readonly isUnchanged?: boolean
  /** For tasks that act once. @default the one placement */
  readonly placements?: readonly Placement[]
  /** What earlier tasks returned, by their key. */
  readonly outputs?: Readonly<Record<string, unknown>>
  /** What commands answer, by their text. */
  readonly answers?: Answers
  /** What the text of a script task prints. */
  readonly stdout?: string
  /** Stands in for the remote shell of a relayed tool; without it, every relay succeeds. */
  readonly relay?: (relay: Relay) => Promise<ExecResult>
  /** @default production */
  readonly environment?: string
  /** @default 2026-11-22T14:03:11.000Z */
  readonly startedAt?: string
  /** @default me@laptop */
  readonly actor?: string
  /** @default /home/me/project */
  readonly projectRoot?: string
  /** What `digest` answers for an instance. @default `digest of <id>` */
  readonly digest?: string
  /** How the host was reached. @default it is the operator's machine */
  readonly reached?: Reached
  /** Why the service cannot be held. */
  readonly refusesHold?: string
  /** What texts a task is given to keep its service quiet, one or several of them. @default `: hold stop blog`, and so on */
  readonly quiet?: Partial<Quiet>
  /** What texts a task is given to start a release beside the one that serves. @default `: begin blog`, and so on */
  readonly rehearses?: Partial<Rehearses>
}
