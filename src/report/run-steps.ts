import type { StepStatus } from '../run/event.ts'
import { marks } from './mark.ts'
import { messages } from './messages.ts'
import { instanceOf } from './targets.ts'
import { table, type Cell, type TableOptions } from './table.ts'
import { displayWidth } from './width.ts'
import { duration, list } from './words.ts'

/** How far a step got on a target: `interrupted` when its run crashed in it, `pending` when it never began. */
export type KeptStepStatus = StepStatus | 'running' | 'interrupted' | 'pending'

/** One step on one of its targets, in `srv runs show --json`. */
export interface RunStep {
  readonly step: string
  readonly task: string
  readonly title: string
  readonly target: string
  readonly host: string
  readonly status: KeptStepStatus
  readonly ms: number | null
  /** Why it was skipped, or, in its own words, what it did. */
  readonly reason: string | null
}

const markOf = (status: KeptStepStatus) =>
  marks[status === 'interrupted' ? 'lost' : status === 'pending' ? 'waiting' : status]

/** `✔ 1.2 s`, `✖ failed 2.0 s`, `– skipped`. */
function cell({ status, ms }: RunStep): Cell {
  const { sign, format } = markOf(status)
  const word = status === 'changed' || status === 'ok' ? '' : messages.keptStepStatus(status)
  const time = ms === null || status === 'skipped' ? '' : duration(ms)
  return { text: [sign, word, time].filter((part) => part !== '').join(' '), format }
}

function textWidth(rows: readonly (readonly Cell[])[]): number {
  const widths = rows[0]?.map((_, index) =>
    Math.max(...rows.map((row) => displayWidth(typeof row[index] === 'object' ? row[index].text : (row[index] ?? '')))),
  )
  return (widths ?? []).reduce((sum, width) => sum + width + 2, -2)
}

/** Steps with the same task and instance, by host: one row of the table. */
function rowsOf(steps: readonly RunStep[]): readonly (readonly [string, string, ReadonlyMap<string, RunStep>])[] {
  const rows = new Map<string, [string, string, Map<string, RunStep>]>()
  for (const one of steps) {
    const instance = instanceOf(one.target) ?? ''
    const key = `${one.step} ${instance}`
    const row = rows.get(key) ?? [one.task, instance, new Map<string, RunStep>()]
    row[2].set(one.host, one)
    rows.set(key, row)
  }
  return [...rows.values()]
}

/** For when a column per host would not fit: one row per outcome of a step, with the hosts on which it ended so. */
function byStatus(steps: readonly RunStep[], options: TableOptions): string[] {
  const rows = rowsOf(steps).flatMap(([task, instance, hosts]) =>
    [...new Set([...hosts.values()].map(({ status }) => status))].map((status): readonly Cell[] => {
      const same = [...hosts.values()].filter((one) => one.status === status)
      const { sign, format } = markOf(status)
      const times = same.flatMap(({ ms }) => (ms === null || status === 'skipped' ? [] : [ms]))
      const time = times.length === 0 ? '' : duration(Math.max(...times))
      const names = list(
        same.map(({ host }) => host),
        3,
      )
      return [task, instance, { text: `${sign} ${messages.keptStepStatus(status)}`, format }, time, names]
    }),
  )
  return table(messages.stepStatusHead, rows, options)
}

/** The steps of a run as a table of steps and hosts, each with how it ended and how long it took. */
export function stepLines(steps: readonly RunStep[], hosts: readonly string[], options: TableOptions): string[] {
  if (steps.length === 0) return []
  const columns = [...hosts, 'local'].filter((name, index, all) => all.indexOf(name) === index)
  const head = [...messages.stepsHead, ...columns]
  const rows = rowsOf(steps).map(([task, instance, by]): readonly Cell[] => [
    task,
    instance,
    ...columns.map((host) => {
      const step = by.get(host)
      return step === undefined ? '' : cell(step)
    }),
  ])
  return textWidth([head, ...rows]) <= (options.width ?? 160) ? table(head, rows, options) : byStatus(steps, options)
}
