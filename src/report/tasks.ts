import { styleOf, wantsColour } from './style.ts'
import { table } from './table.ts'
import type { ShowOptions } from './status.ts'

/** A task, in `srv tasks --json`. */
export interface TaskRow {
  readonly id: string
  readonly title: string
  /** `once`, `host` or `instance`. */
  readonly on: string
  readonly plugin: string | null
  readonly flags: readonly string[]
  /** Whether the config puts a function of its own in its place. */
  readonly overridden: boolean
  /** `before:git:switch` */
  readonly hooks: readonly string[]
}

/** A pipeline, in `srv tasks --json`. */
export interface PipelineRow {
  readonly name: string
  /** Whether it comes with srv. */
  readonly stock: boolean
  /** Ids of the tasks that it runs in this environment. */
  readonly steps: readonly string[]
  readonly hooks: readonly string[]
}

/** The document of `srv tasks --json`. */
export interface TasksDocument {
  readonly schema: 'srv.tasks/1'
  readonly tasks: readonly TaskRow[]
  readonly pipelines: readonly PipelineRow[]
}

function notesOf({ overridden, hooks, flags }: TaskRow): string {
  return [...(overridden ? ['overridden'] : []), ...hooks, ...flags.map((flag) => `--${flag}`)].join(', ')
}

/** The two tables of `srv tasks`: pipelines with what they run, then tasks. */
export function taskLines(
  { tasks, pipelines }: TasksDocument,
  { stream, env }: Omit<ShowOptions, 'now'>,
): readonly string[] {
  const style = styleOf(wantsColour({ env, isTTY: stream.isTTY === true }))
  const options = { style, width: stream.columns }
  const pipelineRows = pipelines.map(({ name, stock, steps, hooks }) => [
    name,
    stock ? 'srv' : 'config',
    [...steps, ...hooks.map((hook) => `(${hook})`)].join(' → '),
  ])
  const taskRows = tasks.map((task) => [task.id, task.on, task.title, notesOf(task)])
  return [
    ...table(['PIPELINE', 'FROM', 'STEPS'], pipelineRows, options),
    '',
    ...table(['TASK', 'ON', 'WHAT IT DOES', 'HOOKS AND FLAGS'], taskRows, options),
  ]
}
