import type { TimedEvent } from '../run/event.ts'
import { sanitizeLine } from '../shell/sanitize.ts'
import { messages } from './messages.ts'
import type { Style } from './style.ts'
import { nameTargets } from './targets.ts'
import { displayWidth, pad, wrap } from './width.ts'

/** What a dry run found out, in the order in which it came. */
export type PlanEvent = Extract<TimedEvent, { type: 'step.would' | 'step.end' }>

/** How a plan is printed. */
export interface PlanOptions {
  readonly style: Style
  /** From 1 on the commands are shown below what they are for. */
  readonly verbose: number
  /** Columns of the terminal; without it lines are left long. */
  readonly width?: number | undefined
}

/** With more hosts than this in one name, the rest are shown as a count. */
const mostNamed = 12
const widestName = 36

/** One text, and the targets on which a step would do just that. */
interface Entry {
  readonly what: string
  readonly skipped: boolean
  readonly commands: readonly string[]
  readonly targets: string[]
}

/** What each target of a step would see; targets that would see the same stand together. */
function entriesOf(events: readonly PlanEvent[], step: string, withCommands: boolean): Entry[] {
  const byTarget = new Map<string, Omit<Entry, 'targets'>>()
  for (const event of events) {
    if (event.step !== step) continue
    if (event.type === 'step.would') {
      byTarget.set(event.target, {
        what: event.what,
        skipped: false,
        // Paths in commands differ between hosts: as long as commands are not shown, that must not split what reads the same.
        commands: withCommands ? event.commands : [],
      })
    } else if (event.status === 'skipped' && !byTarget.has(event.target)) {
      byTarget.set(event.target, { what: messages.skipped(event.reason ?? ''), skipped: true, commands: [] })
    }
  }
  const entries = new Map<string, Entry>()
  for (const [target, found] of byTarget) {
    const key = JSON.stringify(found)
    const entry = entries.get(key) ?? { ...found, targets: [] }
    entry.targets.push(target)
    entries.set(key, entry)
  }
  return [...entries.values()]
}

function commandLines(commands: readonly string[], indent: number): string[] {
  return commands.flatMap((command) =>
    command
      .trimEnd()
      .split('\n')
      .map(
        (line, index) =>
          `${' '.repeat(indent)}${index === 0 ? messages.command(sanitizeLine(line)) : `  ${sanitizeLine(line)}`}`,
      ),
  )
}

/**
 * The plan of a dry run for people: what each step would do where. Texts that are the same on several hosts are one line
 * with the names of the hosts; steps that have nothing to say are left out.
 */
export function planLines(
  start: Extract<TimedEvent, { type: 'run.start' }>,
  events: readonly PlanEvent[],
  { style, verbose, width: columns = Infinity }: PlanOptions,
): string[] {
  const planned = start.steps.map((step) => ({ step, entries: entriesOf(events, step.id, verbose >= 1) }))
  const nameOf = ({ targets }: Entry, all: readonly string[]): string => {
    const name = nameTargets(targets, mostNamed)
    const isAll = targets.length === all.length && targets.length > 2
    return isAll && displayWidth(name) > widestName ? messages.allTargets(targets.length) : name
  }
  const names = planned.flatMap(({ step, entries }) =>
    entries.map((entry) => displayWidth(nameOf(entry, step.targets))),
  )
  const width = Math.max(0, ...names.filter((name) => name <= widestName))

  const lines = [style('bold', messages.planHead(start.pipeline, start.environment, start.hosts))]
  let group: string | undefined
  for (const { step, entries } of planned) {
    if (entries.length === 0) continue
    if (step.group !== group && step.group !== '') lines.push('', style(['bold', 'cyan'], step.group))
    group = step.group
    lines.push(`  ${step.task}  ${style('dim', step.title)}`)
    for (const entry of entries) {
      const name = pad(nameOf(entry, step.targets), width)
      const indent = width + 6
      const [first = '', ...more] = wrap(sanitizeLine(entry.what), Math.max(20, columns - indent)).map((line) =>
        entry.skipped ? style('dim', line) : line,
      )
      lines.push(`    ${style('cyan', name)}  ${first}`, ...more.map((line) => ' '.repeat(indent) + line))
      lines.push(...commandLines(entry.commands, indent).map((line) => style('dim', line)))
    }
  }
  if (group === undefined) lines.push('', messages.planEmpty)
  return lines
}
