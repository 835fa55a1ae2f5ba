import { isBad, type State } from '../mark.ts'

/** One target of a group: what the newest event said about it. */
export interface Row {
  readonly target: string
  state: State
  /** Whether its last event has come. */
  ended: boolean
  /** Milliseconds since 1970, by the times of the events. */
  startedAt?: number
  /** How long it took, once it is known. */
  ms?: number
  /** The last line of output, what the step said about its progress, or how it ended. */
  text: string
  /** Of a host's checks: how many there are, and how many have answered. */
  expected: number
  answered: number
}

/** One line of the tree with its targets below it: a step, the logins, the checks, or an undo. */
export interface Group {
  readonly name: string
  readonly title: string
  /** Counts the group when all went well, where `2 ok` would say less: `2 hosts`, `14 checks`. */
  readonly noun: ((group: Group) => string) | undefined
  readonly rows: ReadonlyMap<string, Row>
  startedAt?: number
  endedAt?: number
  /** How many rows have ended: all of them ends the group. */
  endedRows: number
  /** Set when the run is over: what has not begun by then never will. */
  closed: boolean
}

/** A group whose targets all wait. */
export function createGroup(
  name: string,
  title: string,
  targets: readonly string[],
  noun?: (group: Group) => string,
): Group {
  const row = (target: string): Row => ({ target, state: 'waiting', ended: false, text: '', expected: 0, answered: 0 })
  return {
    name,
    title,
    noun,
    rows: new Map(targets.map((target) => [target, row(target)])),
    endedRows: 0,
    closed: false,
  }
}

/** Whether nothing more will come. */
export function hasEnded(group: Group): boolean {
  return group.closed || group.endedRows === group.rows.size
}

/** The run is over: a row that is still running was cut off, and one that waits stays as it is. */
export function closeGroup(group: Group, at: number): void {
  for (const row of group.rows.values()) {
    if (row.state === 'running') endRow(group, row, 'cancelled', at, row.text)
  }
  group.closed = true
}

/** A row begins at a time in milliseconds since 1970. */
export function beginRow(group: Group, row: Row, at: number): void {
  row.state = 'running'
  row.startedAt ??= at
  group.startedAt ??= at
}

/** A row ends, and with the last one its group. */
export function endRow(group: Group, row: Row, state: State, at: number, text: string): void {
  if (!row.ended) group.endedRows++
  row.ended = true
  row.state = state
  row.text = text
  row.startedAt ??= at
  row.ms ??= at - row.startedAt
  group.startedAt ??= row.startedAt
  group.endedAt = at
}

/** The number of rows of a group in each state. */
export function countStates(group: Group): Map<State, number> {
  const counts = new Map<State, number>()
  for (const { state } of group.rows.values()) counts.set(state, (counts.get(state) ?? 0) + 1)
  return counts
}

/** How many rows went wrong so far. */
export function countBad(group: Group): number {
  return [...group.rows.values()].filter(({ state }) => isBad(state)).length
}

/** The state on the group's own line: it runs until its last row has ended, and is then as bad as its worst row. */
export function stateOf(group: Group): State {
  if (group.startedAt === undefined) return 'waiting'
  if (!hasEnded(group)) return 'running'
  const counts = countStates(group)
  for (const state of ['failed', 'lost', 'timeout', 'cancelled', 'changed', 'ok'] as const) {
    if (counts.has(state)) return state
  }
  return counts.has('skipped') ? 'skipped' : 'waiting'
}
