import { brandTask, type On, type Task, type TaskSpec, type Tasks, type Schema } from './contract.ts'
import type { Flags } from './flags.ts'
import { api, brandPlugin, type NoSettings, type Plugin, type PluginFactory, type PluginSpec } from './plugin.ts'

/**
 * Declares a plugin: the result is called in the config with the plugin's options, or with `.as('name', options)` for
 * a second one under another name. Nothing of it runs before core has validated those options.
 *
 * @example export const git = definePlugin({ id: 'git', options: z.strictObject({}), setup: ({ task }) => ({ tasks: {} }) })
 */
export function definePlugin<
  const Id extends string,
  OS extends Schema,
  SS extends Schema = NoSettings,
  T extends Tasks = Readonly<Record<never, never>>,
>(spec: PluginSpec<Id, OS, SS, T>): PluginFactory<Id, OS, SS, T> {
  const named =
    <Name extends string>(name: Name) =>
    (options: unknown = {}) =>
      brandPlugin<Name, T, SS>({ api, id: spec.id, name, options, spec })
  return Object.assign(named(spec.id), {
    as: <Name extends string>(name: Name, options: unknown = {}) => named(name)(options),
  })
}

/**
 * Declares a task outside a plugin: it has no options and sees no settings, and its id is its key in `tasks`.
 *
 * @example tasks: { uptime: defineTask({ title: 'Ask for the uptime', on: 'host', run: ({ probe }) => probe`uptime` }) }
 */
export function defineTask<N extends On, const F extends Flags = Readonly<Record<never, never>>, R = void>(
  spec: TaskSpec<unknown, N, F, unknown, R>,
): Task<unknown, N, F, R> {
  return brandTask(spec)
}

/** The same plugin without the hooks it brings: its tasks and checks stay. */
export function withoutHooks<P extends Plugin>(plugin: P): P {
  const { setup } = plugin.spec
  return {
    ...plugin,
    spec: {
      ...plugin.spec,
      setup: (tools) => {
        const { hooks: _refused, ...parts } = setup(tools)
        return parts
      },
    },
  }
}
