import { Option, type Command } from 'commander'
import { srvError } from '../error/srv-error.ts'
import { stepsOf } from '../plan/flatten.ts'
import type { Plan } from '../plan/plan.ts'
import { factsOf } from '../plugin/contract.ts'
import type { Flag } from '../plugin/flags.ts'
import type { TypedOptions } from '../run/event.ts'

/** A flag with the tasks that declare it, and how each of them checks its value. */
export interface Declared {
  readonly flag: Flag
  readonly tasks: readonly string[]
  readonly checks: ReadonlySet<NonNullable<Extract<Flag, { readonly type: 'string' }>['check']>>
}

/** The flags of a run, by name. */
export type Flags = ReadonlyMap<string, Declared>

/**
 * The flags of a run: those of the tasks in its plan.
 *
 * @throws SrvError SRV-118 when two tasks mean different things by one name
 */
export function flagsOf(plan: Plan): Flags {
  const found = new Map<string, Declared>()
  for (const { task, taskId } of stepsOf(plan.root)) {
    for (const [name, flag] of Object.entries(factsOf(task).flags)) {
      const known = found.get(name)
      const tasks = [...(known?.tasks ?? []), taskId]
      if (known !== undefined && JSON.stringify(known.flag) !== JSON.stringify(flag)) {
        throw srvError('SRV-118', { flag: name, tasks })
      }
      const own = flag.type === 'string' && flag.check !== undefined ? [flag.check] : []
      found.set(name, { flag, tasks, checks: new Set([...(known?.checks ?? []), ...own]) })
    }
  }
  return found
}

/** Adds the flags of a run to its command, so that an unknown one is refused with a suggestion. */
export function addFlags(command: Command, flags: Flags): void {
  for (const [name, { flag }] of flags) {
    const option =
      flag.type === 'boolean'
        ? new Option(`--${name}`, flag.description)
        : new Option(`--${name} <${flag.value ?? 'value'}>`, flag.description).default(flag.default)
    command.addOption(option.helpGroup('Flags of its tasks:'))
  }
}

/** The name under which commander keeps the value of an option: in camel case. */
function keyOf(name: string): string {
  return name.replaceAll(/-(\w)/g, (_match, letter: string) => letter.toUpperCase())
}

/** Those of some options that were typed, with their values: a command that does the same has to repeat them. */
export function typedOptions(command: Command, names: Iterable<string>): TypedOptions {
  const values: Readonly<Record<string, unknown>> = command.opts()
  return Object.fromEntries(
    [...names].flatMap((name): readonly [string, string | true][] => {
      const value = values[keyOf(name)]
      const isTyped = command.getOptionValueSource(keyOf(name)) === 'cli'
      return isTyped && (typeof value === 'string' || value === true) ? [[name, value]] : []
    }),
  )
}

/** The values of the flags, read from what commander parsed. */
export function flagValues(flags: Flags, options: Record<string, unknown>): Plan['flags'] {
  return Object.fromEntries(
    [...flags].map(([name, { flag }]) => {
      const value = options[keyOf(name)]
      return [name, flag.type === 'boolean' ? value === true : typeof value === 'string' ? value : undefined]
    }),
  )
}

/** Has tasks check the values of their flags. @throws SrvError whatever they say of a value that they cannot work with */
export function checkValues(flags: Flags, values: Plan['flags']): void {
  for (const [name, { checks }] of flags) {
    const value = values[name]
    for (const check of checks) check(typeof value === 'string' ? value : undefined, values)
  }
}
