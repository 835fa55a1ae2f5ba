import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { InertSpec, Parts, Schema, TaskMaker, Tasks } from './contract.ts'
import type { SaidBy, Shared } from './share.ts'

const brand = Symbol.for('srvkit.plugin')

/** The version of the contract that a descriptor was written for. */
export const api = 1

/** What a plugin author writes. `O` are its validated options, `S` its validated settings of one instance. */
export interface PluginSpec<Id extends string, OS extends Schema, SS extends Schema, T extends Tasks> {
  readonly id: Id
  /** Ids of plugins that must be present too; they are set up first. */
  readonly needs?: readonly string[]
  readonly options: OS
  /** Schema of what a service's instance may say under this plugin's name; it must accept `{}`. */
  readonly settings?: SS
  /** For settings about what the instances of a service share, such as its data: what counts for each, from what all of them say. */
  readonly share?: (
    all: readonly SaidBy<StandardSchemaV1.InferInput<SS>, StandardSchemaV1.InferOutput<SS>>[],
  ) => Shared<StandardSchemaV1.InferOutput<SS>>
  readonly setup: (tools: {
    readonly options: StandardSchemaV1.InferOutput<OS>
    readonly task: TaskMaker<StandardSchemaV1.InferOutput<OS>, StandardSchemaV1.InferOutput<SS>>
  }) => Parts<StandardSchemaV1.InferOutput<OS>, T, StandardSchemaV1.InferOutput<SS>>
}

/** The settings of a plugin that has none: any key is a type error. */
export type NoSettings = StandardSchemaV1<Readonly<Record<string, never>>>

/** A configured plugin: inert until core validates its options and calls `setup`. */
export interface Plugin<Name extends string = string, T extends Tasks = Tasks, Settings = unknown> {
  readonly [brand]: { readonly tasks?: T; readonly settings?: Settings }
  readonly api: number
  readonly id: string
  readonly name: Name
  readonly options: unknown
  readonly spec: InertSpec
}

/** The options of a plugin may be left out when it has no required one. */
export type OptionsArguments<Options> = {} extends Options ? [options?: Options] : [options: Options]

/** Configures a plugin. */
export interface PluginFactory<Id extends string, OS extends Schema, SS extends Schema, T extends Tasks> {
  (...options: OptionsArguments<StandardSchemaV1.InferInput<OS>>): Plugin<Id, T, StandardSchemaV1.InferInput<SS>>
  /** A second, differently named instance of the same plugin. */
  as<const Name extends string>(
    name: Name,
    ...options: OptionsArguments<StandardSchemaV1.InferInput<OS>>
  ): Plugin<Name, T, StandardSchemaV1.InferInput<SS>>
}

/** Marks a descriptor as a plugin. */
export function brandPlugin<Name extends string, T extends Tasks, SS extends Schema>(
  plugin: Pick<Plugin<Name>, 'api' | 'id' | 'name' | 'options' | 'spec'>,
): Plugin<Name, T, StandardSchemaV1.InferInput<SS>> {
  return { ...plugin, [brand]: {} }
}

/** Tells a plugin from other values, also when another copy of this package made it. */
export function isPlugin(value: unknown): value is Plugin {
  return typeof value === 'object' && value !== null && brand in value
}
