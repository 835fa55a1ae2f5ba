import type { Parts, Task, Tasks } from '../plugin/contract.ts'
import type { Plugin } from '../plugin/plugin.ts'
import { setUpPlugins } from '../plugin/setup.ts'
import { validate, type SchemaProblem } from '../plugin/standard-schema.ts'

/** A plugin that is set up as core does it. */
export interface TestPlugin {
  readonly name: string
  /** Validated options. */
  readonly options: unknown
  readonly parts: Parts<unknown, Tasks>
  /** The task with that key. @throws Error when the plugin has none */
  readonly task: (key: string) => Task
  /** Validates what an instance says under the plugin's name. @throws Error naming every problem */
  readonly settings: (input: unknown) => Promise<unknown>
}

function described(problems: readonly SchemaProblem[]): string {
  return problems.map(({ path, text }) => [...path, text].join(' ')).join('\n')
}

/** A test is about one plugin: those that it needs beside it in a config are not set up. */
function alone(plugin: Plugin): Plugin {
  return { ...plugin, spec: { ...plugin.spec, needs: [] } }
}

/**
 * Validates a plugin's options and calls its `setup`. Plugins that it needs do not have to be there.
 *
 * @throws Error naming everything that is wrong with the options, or with what `setup` returned
 */
export async function setUp(plugin: Plugin): Promise<TestPlugin> {
  const { plugins, problems } = await setUpPlugins([alone(plugin)])
  const [found] = plugins
  if (found === undefined) throw new Error(described(problems))
  const { name, options, parts, settings: schema } = found
  const tasks: Tasks = parts.tasks ?? {}
  return {
    name,
    options,
    parts,
    task(key) {
      const task = tasks[key]
      if (task === undefined) throw new Error(`${name} has no task ${key}; it has ${Object.keys(tasks).join(', ')}`)
      return task
    },
    async settings(input) {
      if (schema === undefined) return {}
      const answer = await validate(schema, input ?? {})
      if (!answer.ok) throw new Error(described(answer.problems))
      return answer.value
    },
  }
}
