import type { Hook, HookContext, OverrideOf, Tasks } from '../plugin/contract.ts'
import type { Plugin } from '../plugin/plugin.ts'
import type { StockPipelineName, StockTaskName } from './stock.ts'

/** An entry of `plugins`; a falsy one is a plugin that a condition left out. */
export type PluginEntry = Plugin | false | null | undefined | '' | 0

/** The plugins of a list, as a union, without what conditions left out. */
type Present<P extends readonly PluginEntry[]> = Extract<P[number], Plugin>

/** Tasks of the plugins by id, `<plugin name>:<key>`. */
type PluginTasks<P> =
  P extends Plugin<infer Name, infer T extends Tasks>
    ? { readonly [Key in Extract<keyof T, string> as `${Name}:${Key}`]: T[Key] }
    : never

/** Ids of the plugins' tasks. */
type PluginTaskId<P extends readonly PluginEntry[]> =
  Present<P> extends infer One ? KeysOfEach<PluginTasks<One>> : never
type KeysOfEach<U> = U extends unknown ? Extract<keyof U, string> : never

/** Settings of one instance by plugin name, each as its plugin's schema takes them. */
export type SettingsOf<P extends readonly PluginEntry[]> = {
  readonly [One in Present<P> as One['name']]?: One extends Plugin<string, Tasks, infer Settings> ? Settings : never
}

/** Ids of all tasks: stock, plugins' and local ones. */
export type TaskId<P extends readonly PluginEntry[], Local extends string> = StockTaskName | PluginTaskId<P> | Local

/** What a pipeline can name: any task, or a pipeline. */
export type StepId<P extends readonly PluginEntry[], Local extends string, Pipeline extends string> =
  TaskId<P, Local> | StockPipelineName | Pipeline

/** Hooks of the config, by `before:`, `after:` or `finally:` and what they are around. */
export type ConfigHooks<Id extends string> = Readonly<Partial<Record<`${'before' | 'after' | 'finally'}:${Id}`, Hook>>>

/** Functions that stand in for tasks, by task id. */
export type Overrides<P extends readonly PluginEntry[], Local extends string> = {
  readonly [Id in TaskId<P, Local>]?: Id extends PluginTaskId<P>
    ? OverrideOf<TaskOf<PluginTasks<Present<P>>, Id>>
    : (context: HookContext, original: () => Promise<unknown>) => unknown
}

type TaskOf<U, Id extends string> = U extends Readonly<Record<Id, infer T>> ? T : never
