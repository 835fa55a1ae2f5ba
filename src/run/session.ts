import type { Declared } from '../config/resolved.ts'
import type { Plan } from '../plan/plan.ts'
import type { Masker } from '../shell/mask.ts'
import type { Pool } from '../transport/pool.ts'
import type { RunEvent, Selection, TypedOptions } from './event.ts'
import type { Leases } from './lease/leases.ts'
import type { OpenWork } from './steps/open-work.ts'
import type { RunState } from './run-state.ts'
import type { Secrets } from './secrets.ts'
import type { PluginOfRun } from './plugin-of-run.ts'

/** What the command line says about leases. */
export interface LeaseOptions {
  /** Id of the run that holds them: this one, or the one that it is nested in. */
  readonly token: string
  /** Milliseconds to wait for leases that others hold. */
  readonly waitMs: number
}

/** Everything that belongs to one run: handed down to each part of the engine, and to nobody else. */
export interface Session {
  readonly plan: Plan
  /** What the command line chose of the environment. */
  readonly selection: Selection
  /** What it said beside that, without the values of secrets. */
  readonly options: TypedOptions
  readonly plugins: readonly PluginOfRun[]
  readonly pool: Pool
  readonly state: RunState
  readonly secrets: Secrets
  readonly masker: Masker
  readonly emit: (event: RunEvent) => void
  readonly openWork: OpenWork
  /** Whether a command is under way anywhere. */
  readonly isBusy: () => boolean
  readonly now: () => number
  readonly runId: string
  /** ISO 8601 UTC */
  readonly startedAt: string
  readonly actor: string
  readonly projectRoot: string
  readonly declared: Declared
  readonly dryRun: boolean
  /** Deploy even what already serves. */
  readonly force: boolean
  /** The leases of the run, once it has begun. */
  readonly leases?: Leases
  /** How leases are taken; without it none are. */
  readonly lease?: LeaseOptions
  /** The session is bringing a host back or cleaning up: it may renew a lease that has ended meanwhile. */
  readonly bringsBack?: boolean
  /** Fires when the user interrupts: running steps are stopped, nothing new begins. */
  readonly signal: AbortSignal
}
