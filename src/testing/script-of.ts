import type { SrvError } from '../error/srv-error.ts'
import type { Answer } from '../plugin/contract.ts'
import type { Plugin } from '../plugin/plugin.ts'
import { display, type Script } from '../shell/script.ts'
import { bench } from './context.ts'
import { setUp } from './set-up.ts'
import type { Situation } from './situation.ts'

async function textOf(plugin: Plugin, key: string, situation: Situation, part: 'script' | 'undo'): Promise<string> {
  const ready = await setUp(plugin)
  const task = ready.task(key)
  const { context } = await bench(ready, key, situation)
  const write: ((context: unknown) => Script | undefined) | undefined = task[part]
  const script = write?.(context)
  if (script === undefined) throw new Error(`${ready.name}:${key} has no ${part}`)
  return display(script)
}

/** The shell text of a script task, to be compared or run. Core runs it under `set -eu`. @throws Error when it has none */
export function scriptOf(plugin: Plugin, key: string, situation: Situation = {}): Promise<string> {
  return textOf(plugin, key, situation, 'script')
}

/** The shell text by which a task is undone. @throws Error when it has none */
export function undoOf(plugin: Plugin, key: string, situation: Situation = {}): Promise<string> {
  return textOf(plugin, key, situation, 'undo')
}

/** What a task says about a failed answer of its script: a sentence, an error, or nothing. */
export async function explanationOf(
  plugin: Plugin,
  key: string,
  situation: Situation,
  answer: Answer,
): Promise<string | SrvError | undefined> {
  const ready = await setUp(plugin)
  const { context } = await bench(ready, key, situation)
  const explain: ((answer: Answer, context: unknown) => string | SrvError | undefined) | undefined =
    ready.task(key).explain
  return explain?.(answer, context)
}
