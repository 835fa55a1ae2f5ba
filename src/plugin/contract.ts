import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { HostInput } from '../config/config-input.ts'
import type { Declared, Host, Instance, Placement, Service } from '../config/resolved.ts'
import type { SrvError } from '../error/srv-error.ts'
import type { Script } from '../shell/script.ts'
import type { Relay } from '../transport/relay.ts'
import type { Bridge } from '../transport/bridge.ts'
import type { ExecResult, Reached } from '../transport/transport.ts'
import type { Answer, Verdict } from './answer.ts'
import type { Effects } from './effects.ts'
import type { Finish } from './finish.ts'
import type { Flags, FlagValues } from './flags.ts'
import type { Hold } from './hold.ts'
import type { Phases } from './phases.ts'
import type { Queries } from './queries.ts'
import type { MayHold, Quiet } from './quiet.ts'
import type { Rehearse, Rehearses } from './rehearse.ts'
import type { Schedules } from './schedules.ts'
import type { SaidBy, Shared } from './share.ts'
import type { Snapshots } from './snapshots.ts'
import type { Course, InstanceState, NextRelease } from './state.ts'
import type { Target } from './target.ts'
import type { Telling } from './telling.ts'

/* Between core and plugins. Core owns order, hosts, errors and output; a plugin is inert data and the functions in it. This
 * is the only file in which `any` stands, in the places where TypeScript needs it for variance. */

/** What every task, check and hook is given. */
export interface BaseContext<O = any, F extends Flags = any> extends Telling {
  /** The plugin's validated options. */
  readonly options: O
  readonly flags: FlagValues<F>
  readonly environment: string
  /** Id of the run: sorts by time, and is part of the names of what the run makes. */
  readonly runId: string
  /** ISO 8601 UTC time at which the run began: the same for all hosts. */
  readonly startedAt: string
  /** `user@laptop` */
  readonly actor: string
  /** Absolute path of the folder that holds `srv.config.ts`. */
  readonly projectRoot: string
  readonly declared: Declared
  readonly signal: AbortSignal
  readonly dryRun: boolean
  /** The operator's machine. */
  readonly local: Target
  /** What an earlier task of this run returned, on this host and instance or as a `once` task; `undefined` when it did not run. */
  output<R>(task: TaskWithResult<R>): R | undefined
}

/** The context of a task that acts once, on the operator's machine. */
export interface OnceContext<O = any, F extends Flags = any> extends BaseContext<O, F>, Target, MayHold {
  /** Every instance on every host that the run is about. */
  readonly placements: readonly Placement[]
  /** The plugin's validated settings of an instance. */
  settings(instance: Instance): any
  /** What the host of a placement said before the first change of this run. */
  state(placement: Placement): InstanceState
  /** The release that this run is to put in place there, once a task chose it; nothing when it serves already. */
  next(placement: Placement): NextRelease | undefined
  /** Says which release this run is to put in place; later tasks on that placement see it as `next`. */
  choose(placement: Placement, release: NextRelease): void
  /** Digest over everything the config says about an instance, secret values included: it changes when a deploy would. */
  digest(instance: Instance): Promise<string>
}

/** The context of a task that acts once per host. */
export interface HostContext<O = any, F extends Flags = any> extends BaseContext<O, F>, Target {
  readonly host: Host
  /** The services of the run that live on this host. */
  readonly services: readonly Service[]
  /** Runs a tool on the laptop, such as `git push`, whose remote shell goes over the connection that is already open. */
  relay(relay: Relay): Promise<ExecResult>
  /** Another host that the task named in `also`, or `local` for the operator's machine. */
  at(name: string): Target
  /** Runs shell text on another machine that has a remote shell to this host: see `Bridge`. */
  bridge(bridge: Bridge): Promise<ExecResult>
  /** How this host, or another one that the task named in `also`, was reached; `undefined` for the operator's machine itself. */
  reached(name?: string): Promise<Reached | undefined>
  /** Undoes what this task did on this host when a later step of the run fails; newest first. */
  onRollback(undo: () => Promise<unknown>): void
}

/** The context of a task that acts once per instance and host. */
export interface InstanceContext<O = any, F extends Flags = any, S = any>
  extends HostContext<O, F>, Omit<Placement, 'id'>, Course, Quiet, Rehearses {
  /** The plugin's validated settings of this instance. */
  readonly settings: S
  /** Has the release put in place although its digest says that it already serves: a name in it now stands for something newer. */
  anew(): void
  /** Says that `srv rollback --with-data` will find the data as they were before this deploy: its end then says so. */
  keptData(): void
}

export type { Answer, Bridge, Reached, Relay, Verdict }

/** What a task acts on. */
export type On = 'once' | 'host' | 'instance'

/** The context that belongs to each way of acting. */
export interface ContextOf<O, F extends Flags, S> {
  readonly once: OnceContext<O, F>
  readonly host: HostContext<O, F>
  readonly instance: InstanceContext<O, F, S>
}

/** What all kinds of task have in common; `C` is their context. */
interface TaskBase<C, N extends On, F extends Flags> extends Effects {
  /** A short imperative: `Switch to the new release`. */
  readonly title: string
  readonly on: N
  readonly flags?: F
  /** For tasks on instances: only these kinds. @default both */
  readonly kinds?: readonly ('native' | 'docker')[]
  /** For tasks on instances: whether the task applies, judged by the config; what does not apply is left out silently. */
  readonly applies?: (placement: Placement, settings: any) => boolean
  /** Names of further hosts that it works with on behalf of a placement; they are logged in to before the first change anywhere. */
  readonly also?: (placement: Placement, settings: any, flags: Partial<FlagValues<F>>) => readonly string[]
  /** Whether the task may run although some of them cannot be reached; each use of such a host then fails. @default false */
  readonly alsoMayFail?: boolean
  /** Why there is nothing to do on this target, from what is known before the step; nothing means that it runs. */
  readonly skip?: (context: C) => string | undefined
  /** One line for the plan: what the step would do on this target. @default the title */
  readonly describe?: (context: C) => string | undefined
  /** For a function that acts once and comes first: work that needs no host, done while hosts are being asked. It may not change anything. */
  readonly ahead?: (context: C) => Promise<any>
  /** Milliseconds. @default none */
  readonly timeoutMs?: number
  /** Brings the target back when a later step fails. Its script runs where the task ran, the newest step's first; what it says on standard error is shown. */
  readonly undo?: (context: C) => Script | undefined
  /** Runs this step again after the steps before it were undone: a restart then brings back the previous release, and a health check proves it. */
  readonly reapply?: boolean
  /** Runs even when `next` is what serves already; other tasks on instances are then skipped by core. */
  readonly evenIfUnchanged?: boolean
  /** One sentence on what a non-zero exit of the script means, `answered 500`, or the error that it is. @default the exit status */
  readonly explain?: (answer: Answer, context: C) => string | SrvError | undefined
}

/** A task that is a function: it may decide, loop and ask. Each `run` and `probe` in it costs one command. */
interface FunctionTask<C, R> {
  /** `found` is the result of `ahead`; `undefined` when that was not called, or threw. */
  readonly run: (context: C, found?: any) => R | Promise<R>
  readonly script?: never
  readonly read?: never
}

/**
 * A task that is shell text: neighbours on one target are sent together as one command, which saves two round trips
 * each. It runs under `set -eu` in a subshell of its own.
 */
interface ScriptTask<C, R> {
  readonly script: (context: C) => Script | undefined
  /** Turns the standard output into what `output(task)` returns. */
  readonly read?: (stdout: string, context: C) => R
  readonly run?: never
}

/** What a plugin author writes. */
export type TaskSpec<O, N extends On, F extends Flags, S, R> = TaskBase<ContextOf<O, F, S>[N], N, F> &
  (FunctionTask<ContextOf<O, F, S>[N], R> | ScriptTask<ContextOf<O, F, S>[N], R>)

const taskBrand = Symbol.for('srvkit.task')

/** What a task was declared with, for inference only: no value ever has this key. */
interface TaskTypes<O, N extends On, F extends Flags, R> {
  readonly types?: { readonly options: O; readonly on: N; readonly flags: F; readonly result: R }
}

/** A task, inert: core runs it. `R` is what `output(task)` gives to later tasks. */
export type Task<O = any, N extends On = any, F extends Flags = any, R = any> = TaskSpec<O, N, F, any, R> & {
  readonly [taskBrand]: TaskTypes<O, N, F, R>
}

/** A function of the config that stands in for a task; `original` runs the task itself. */
export type OverrideOf<T> = T extends { readonly [taskBrand]: TaskTypes<infer O, infer N, infer F, infer R> }
  ? (context: ContextOf<O, F, any>[N], original: () => Promise<R>) => R | Promise<R>
  : never

/** Any task that returns `R`. */
export type TaskWithResult<R> = Task<any, any, any, R>

/** Gives a task's stored result its type back: the engine keeps the results of all tasks in one place. */
export function resultOf<R>(_task: TaskWithResult<R>, stored: unknown): R | undefined {
  return stored as R | undefined
}

/** Marks a spec as a task. */
export function brandTask<O, N extends On, F extends Flags, S, R>(spec: TaskSpec<O, N, F, S, R>): Task<O, N, F, R> {
  return { ...spec, [taskBrand]: {} }
}

/** Tells a task from other values, also when another copy of this package made it. */
export function isTask(value: unknown): value is Task {
  return typeof value === 'object' && value !== null && taskBrand in value
}

/** Where a task, check or inspection applies. */
export interface Applicable {
  readonly kinds?: readonly ('native' | 'docker')[]
  readonly applies?: (placement: Placement, settings: any) => boolean
}

/** Asked on every target before the first change anywhere, in dry runs, and by `srv doctor`. */
export type Check<O = any, S = any> =
  | {
      readonly title: string
      readonly on: 'once'
      readonly check: (context: OnceContext<O>) => Verdict | Promise<Verdict>
    }
  | {
      readonly title: string
      readonly on: 'host' | 'instance'
      readonly kinds?: readonly ('native' | 'docker')[]
      readonly applies?: (placement: Placement, settings: S) => boolean
      /** Only looks; all probes of a host are sent together as one command. On `host`, it is asked once for the host, with the first placement that applies. */
      readonly probe: (placement: Placement, settings: S, options: O) => Script
      readonly judge: (answer: Answer, placement: Placement, settings: S) => Verdict
    }

/** Asks an instance what it is right now; sent together with the checks. */
export interface Inspect<O = any, S = any> {
  readonly kinds?: readonly ('native' | 'docker')[]
  readonly applies?: (placement: Placement, settings: S) => boolean
  readonly probe: (placement: Placement, settings: S, options: O) => Script
  /** `known` is what was found so far: a later answer wins, and `drift` is collected. */
  readonly read: (answer: Answer, placement: Placement, settings: S, known: InstanceState) => Partial<InstanceState>
  /** Prints the release that serves, as `read` would find it, as one line of JSON; nothing when none serves. For programs that work on the host without srv. */
  readonly serving?: (placement: Placement, settings: S, options: O) => Script
}

/** A function around a task or pipeline. It runs where its target runs: on each target of the task, or once for a pipeline. */
export type HookFunction<O = any> = (context: HookContext<O>) => unknown
/** The context of a hook; host and instance are there when its target has them. */
export type HookContext<O = any> = BaseContext<O> &
  Target &
  Partial<Pick<InstanceContext, 'host' | 'instance' | 'paths'>>
/** A hook, or a hook with its order among the others. */
export type Hook<O = any> =
  | HookFunction<O>
  | { readonly handler: HookFunction<O>; readonly order?: 'first' | 'last'; readonly optional?: boolean }

/** A function of the config that stands in for a task; `original` runs the task itself. */
export type Override = (context: any, original: () => Promise<unknown>) => unknown

/** Tasks by key; the id of each is `<plugin name>:<key>`. */
export type Tasks = Readonly<Record<string, Task>>

/** What `setup` returns. */
export interface Parts<O, T extends Tasks, S = any> {
  readonly tasks?: T
  readonly checks?: readonly Check<O, S>[]
  readonly inspect?: Inspect<O, S>
  readonly finish?: Finish
  readonly hooks?: Readonly<Record<string, Hook<O>>>
  readonly phases?: Phases<Extract<keyof T, string>>
  readonly queries?: Queries<S>
  /** Hosts that the plugin works with beside those of the environment, by name: a machine that keeps snapshots. */
  readonly hosts?: Readonly<Record<string, HostInput>>
  /** Where in its options a key is the name of a host: the config is refused where no environment has that one. */
  readonly hostNames?: readonly (readonly (string | number)[])[]
  /** How instances of a kind are kept from writing to their data, for backups. */
  readonly hold?: Hold<S>
  /** How a release of a kind of instance is started beside the one that serves, for rehearsals. */
  readonly rehearse?: Rehearse<S>
  readonly snapshots?: Snapshots
  readonly schedules?: Schedules
  /** What is wrong with the settings of an instance where it is placed, as text that follows the plugin's name; the config is then refused. */
  readonly refuse?: (placement: Placement, settings: S) => string | undefined
  /** Whether an instance is deployed in the very folder that it runs from: then it is built after the switch. */
  readonly inPlace?: (placement: Placement, settings: S) => boolean
}

/** Any schema library's schema: zod, valibot, arktype. */
export type Schema = StandardSchemaV1

/** What core sees of what `setup` returned: the types of its options and settings are not known any more. */
export interface InertParts extends Omit<Parts<any, Tasks>, 'phases'> {
  readonly phases?: Phases
}

/** What core sees of a plugin's spec: the types of its options and settings are not known any more. */
export interface InertSpec {
  readonly id: string
  readonly needs?: readonly string[]
  readonly options: Schema
  readonly settings?: Schema
  readonly share?: (all: readonly SaidBy<any, any>[]) => Shared<unknown>
  readonly setup: (tools: { readonly options: any; readonly task: TaskMaker<any, any> }) => InertParts
}

/** Makes tasks whose options, flags, settings and result are inferred. */
export type TaskMaker<O, S> = <N extends On, const F extends Flags = {}, R = void>(
  spec: TaskSpec<O, N, F, S, R>,
) => Task<O, N, F, R>

/** How a task acts and which flags it has: the type of a task of unknown shape does not tell. */
export function factsOf(task: Task): { readonly on: On; readonly flags: Flags } {
  return { on: task.on, flags: task.flags ?? {} }
}
