import { factsOf, type Task } from '../plugin/contract.ts'
import type { Path, Problem } from './problem.ts'

const shape = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/

/** Options that srv itself reads wherever flags of tasks may stand. */
export const reservedFlags: readonly string[] = [
  'config',
  'detailed-exitcode',
  'dry-run',
  'force',
  'help',
  'host',
  'json',
  'pipeline',
  'plain',
  'rehearse',
  'tag',
  'verbose',
  'version',
  'wait-lock',
  'with-data',
  'yes',
]

function problemOf(name: string): string | undefined {
  if (!shape.test(name)) {
    return 'is not a usable name of a flag: it must begin with a lower-case letter and go on with these, digits and single dashes between them'
  }
  if (name.startsWith('no-')) return 'begins with no-, which turns off another option: choose another name'
  return reservedFlags.includes(name) ? 'is an option of srv itself: choose another name' : undefined
}

/** Flags of a task that no command line could have, or that mean something else there. */
export function checkFlags(task: Task, path: Path): readonly Problem[] {
  return Object.keys(factsOf(task).flags).flatMap((name) => {
    const text = problemOf(name)
    return text === undefined ? [] : [{ path: [...path, 'flags', name], text }]
  })
}
