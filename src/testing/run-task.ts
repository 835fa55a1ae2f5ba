import type { Relay, Task } from '../plugin/contract.ts'
import type { Plugin } from '../plugin/plugin.ts'
import type { NextRelease } from '../plugin/state.ts'
import { display } from '../shell/script.ts'
import { bench, type Bench } from './context.ts'
import { setUp } from './set-up.ts'
import type { Situation } from './situation.ts'

/** Everything that a task did: compare all of it, so that order and quoting are tested too. */
export interface TaskRun {
  /** Texts of what would have changed something: the script of a script task, or each `run`; `local: ` begins those on the laptop. */
  readonly commands: readonly string[]
  readonly probes: readonly string[]
  readonly relays: readonly Relay[]
  /** What the task returned. */
  readonly output: unknown
  /** What it reported; warnings begin with `! `, and what it says that it did with `= `. */
  readonly progress: readonly string[]
  /** What the task threw. */
  readonly error: unknown
  /** Why it had nothing to do. */
  readonly skipped: string | undefined
  /** Releases that the task chose, by placement id. */
  readonly chosen: Readonly<Record<string, NextRelease>>
  /** Whether the task said that the release is put in place although it serves already. */
  readonly isAnew: boolean
  /** Whether the task said that `srv rollback --with-data` will find the data of before. */
  readonly hasKeptData: boolean
  /** Undoes the task as core would, and returns the texts of that. */
  readonly undo: () => Promise<readonly string[]>
}

function whySkipped(task: Task, { placement, settings, context }: Bench): string | undefined {
  const { kinds } = task
  if (task.on === 'instance' && kinds !== undefined && !kinds.includes(placement.instance.kind)) {
    return `it does not act on ${placement.instance.kind} instances`
  }
  if (task.applies?.(placement, settings) === false) return 'it does not apply'
  const skip: ((context: unknown) => string | undefined) | undefined = task.skip
  return skip?.(context)
}

async function carryOut(task: Task, { context, recorder }: Bench, stdout: string): Promise<unknown> {
  if (task.script === undefined) return task.run(context, await task.ahead?.(context))
  const script = task.script(context)
  if (script === undefined) return undefined
  recorder.commands.push(display(script))
  return task.read?.(stdout, context)
}

/**
 * Runs one task of a plugin against a host that records. A `run` without an answer succeeds.
 *
 * @throws Error for options, settings or flags that the plugin does not take, and for a `probe` without an answer
 */
export async function runTask(plugin: Plugin, key: string, situation: Situation = {}): Promise<TaskRun> {
  const ready = await setUp(plugin)
  const task = ready.task(key)
  const made = await bench(ready, key, situation)
  const { recorder, context, relays, progress, chosen, undos, marks } = made
  const skipped = whySkipped(task, made)
  let output: unknown
  let error: unknown
  try {
    if (skipped === undefined) output = await carryOut(task, made, situation.stdout ?? '')
  } catch (thrown) {
    error = thrown
  }
  const [missing] = recorder.unanswered
  if (missing !== undefined) throw new Error(`${ready.name}:${key} probes without an answer: ${missing}`)
  const undo = async (): Promise<readonly string[]> => {
    const before = recorder.commands.length
    for (const one of undos) await one()
    const script = task.undo?.(context)
    if (script !== undefined) recorder.commands.push(display(script))
    return recorder.commands.slice(before)
  }
  const { commands, probes } = recorder
  return { commands, probes, relays, output, progress, error, skipped, chosen, ...marks, undo }
}
