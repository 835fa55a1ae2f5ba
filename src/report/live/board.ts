import type { RunEvent } from '../../run/event.ts'
import { messages } from '../messages.ts'
import { beginRow, closeGroup, createGroup, endRow, type Group, type Row } from './group.ts'

/** All that the live view shows, kept up to date by events; it draws nothing. */
export interface Board {
  readonly connect: Group
  readonly check: Group
  /** In a dry run there is one group for all steps: the plan itself is printed afterwards. */
  readonly steps: readonly Group[]
  /** One for each target that may be put back; those that never begin are not shown. */
  readonly undos: readonly Group[]
  /** Takes an event that happened at a time in milliseconds since 1970; what is not on the board is ignored. */
  apply(event: RunEvent, at: number): void
  /** The run is over: nothing more will come. */
  close(at: number): void
}

/** Events that are about one line of the board. */
type RowEvent = Exclude<RunEvent, { type: 'version' | 'run.start' | 'warning' | 'run.end' }>

function isRowEvent(event: RunEvent): event is RowEvent {
  return !['version', 'run.start', 'warning', 'run.end'].includes(event.type)
}

function answerCheck(group: Group, row: Row, event: Extract<RowEvent, { type: 'check.end' }>, at: number): void {
  row.answered++
  if (!event.ok) {
    row.state = 'failed'
    row.text = messages.problem(event.check, event.problem ?? '')
  }
  if (row.answered >= row.expected) endRow(group, row, row.state === 'failed' ? 'failed' : 'ok', at, row.text)
}

function update(group: Group, row: Row, event: RowEvent, at: number): void {
  switch (event.type) {
    case 'host.connect':
    case 'step.start':
      return beginRow(group, row, at)
    case 'host.ready':
      row.ms = event.ms
      return endRow(group, row, 'ok', at, '')
    case 'host.unreachable':
      return endRow(group, row, 'failed', at, event.error.message)
    case 'check.start':
      row.expected = event.checks
      beginRow(group, row, at)
      return event.checks === 0 ? endRow(group, row, 'ok', at, '') : undefined
    case 'check.end':
      return answerCheck(group, row, event, at)
    case 'step.output':
      if (event.line.trim() !== '') row.text = messages.output(event.line)
      return
    case 'step.progress':
      row.text = event.text
      return
    case 'step.would':
      return endRow(group, row, 'ok', at, '')
    case 'step.end':
      row.ms = event.ms
      return endRow(group, row, event.status, at, event.error?.message ?? event.reason ?? '')
    case 'undo.start':
      row.text = messages.undoing(event.tasks)
      return beginRow(group, row, at)
    case 'undo.end':
      row.ms = event.ms
      return endRow(group, row, event.ok ? 'changed' : 'failed', at, event.error?.message ?? row.text)
  }
}

/** The board of a run whose hosts and steps are known. */
export function createBoard(start: Extract<RunEvent, { type: 'run.start' }>): Board {
  const connect = createGroup(messages.connect, messages.connectTitle, start.hosts, ({ rows }) =>
    messages.hosts(rows.size),
  )
  const check = createGroup(messages.check, messages.checkTitle, start.hosts, ({ rows }) =>
    messages.checks([...rows.values()].reduce((sum, { expected }) => sum + expected, 0)),
  )
  const planned = start.steps.filter(({ targets }) => targets.length > 0)
  const keyOf = (step: string, target: string): string => `${step} ${target}`
  const plan = createGroup(
    messages.plan,
    messages.planTitle,
    planned.flatMap(({ id, targets }) => targets.map((target) => keyOf(id, target))),
  )
  const steps = new Map(planned.map(({ id, task, title, targets }) => [id, createGroup(task, title, targets)]))
  const targets = new Set([...planned.flatMap((step) => step.targets), ...start.hosts])
  const undos = new Map([...targets].map((target) => [target, createGroup(messages.putBack(target), '', [target])]))

  function place(event: RowEvent): readonly [Group | undefined, string] {
    if ('step' in event) {
      const { step, target } = event
      return start.dry_run ? [plan, keyOf(step, target)] : [steps.get(step), target]
    }
    if ('target' in event) return [undos.get(event.target), event.target]
    return [event.type.startsWith('check') ? check : connect, event.host]
  }

  return {
    connect,
    check,
    steps: start.dry_run ? [plan] : [...steps.values()],
    undos: [...undos.values()],
    apply(event, at) {
      if (!isRowEvent(event)) return
      const [group, target] = place(event)
      const row = group?.rows.get(target)
      if (group !== undefined && row !== undefined) update(group, row, event, at)
    },
    close(at) {
      for (const group of [connect, check, plan, ...steps.values(), ...undos.values()]) closeGroup(group, at)
    },
  }
}
