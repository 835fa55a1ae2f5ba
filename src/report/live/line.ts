import { sanitizeLine } from '../../shell/sanitize.ts'
import { isBad, type State } from '../mark.ts'
import { messages } from '../messages.ts'
import { duration } from '../words.ts'
import { countBad, countStates, hasEnded, stateOf, type Group, type Row } from './group.ts'

/** One line of the live view before it is fitted and coloured. */
export interface Line {
  /** 0 for a step, 1 for a target of it. */
  readonly level: 0 | 1
  readonly state: State
  readonly name: string
  /** What gives way when the terminal is narrow. */
  readonly note: string
  /** Counts and the like, at the right. */
  readonly count: string
  readonly time: string
}

/** With more targets than this, a step is one line with counts, and only its failing targets are listed below it. */
export const crowd = 10

function timeOf(startedAt: number | undefined, endedMs: number | undefined, now: number): string {
  if (endedMs !== undefined) return duration(endedMs)
  if (startedAt === undefined) return ''
  // Whole seconds while it runs: tenths would only flicker.
  const seconds = Math.floor((now - startedAt) / 1000)
  return seconds < 1 ? '' : duration(seconds * 1000).replace('.0', '')
}

function countOf(group: Group, state: State): string {
  const all = group.rows.size
  const bad = countBad(group)
  if (state === 'waiting') return ''
  if (!hasEnded(group)) {
    return all > crowd ? messages.crowd(group.endedRows, all, bad) : messages.progressOf(group.endedRows, all)
  }
  if (bad === 0 && group.noun !== undefined) return group.noun(group)
  const notStarted = all - group.endedRows
  return messages.ended(Object.fromEntries(countStates(group)), notStarted)
}

/** The line of a step. A step with one target has no line below it: its output and its target's name stand here. */
export function groupLine(group: Group, now: number, showTarget: boolean): Line {
  const state = stateOf(group)
  const [first] = group.rows.values()
  const only = group.rows.size === 1 ? first : undefined
  const text = only === undefined && state !== 'skipped' ? '' : (first?.text ?? '')
  const lasted = hasEnded(group) && group.startedAt !== undefined ? (group.endedAt ?? now) - group.startedAt : undefined
  return {
    level: 0,
    state,
    name: group.name,
    note: sanitizeLine(text === '' ? group.title : text),
    count: only === undefined ? countOf(group, state) : showTarget && state !== 'waiting' ? only.target : '',
    time: state === 'skipped' ? '' : timeOf(group.startedAt, only?.ms ?? lasted, now),
  }
}

/** The line of one target below its step. */
export function rowLine(row: Row, now: number): Line {
  const quiet = row.ended && (row.state === 'ok' || row.state === 'skipped') && row.expected === 0
  const checks = row.expected > 0 && !row.ended ? messages.progressOf(row.answered, row.expected) : ''
  return {
    level: 1,
    state: row.state,
    name: row.target,
    // What a step printed last is of no use once it ended well.
    note: row.ended && row.state === 'changed' ? '' : sanitizeLine(row.text),
    count: quiet || (row.ended && isBad(row.state) && row.state !== 'failed') ? messages.statusWord(row.state) : checks,
    time: row.state === 'skipped' ? '' : timeOf(row.startedAt, row.ms, now),
  }
}
