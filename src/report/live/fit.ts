import { messages } from '../messages.ts'
import type { Line } from './line.ts'

/** One line in place of several that had no room. */
function folded(state: Line['state'], note: string): Line {
  return { level: 0, state, name: '', note, count: '', time: '' }
}

function endedWell({ state }: Line): boolean {
  return state === 'changed' || state === 'ok' || state === 'skipped'
}

/** Whether the line is a step on its own: nothing stands below it. */
function standsAlone(lines: readonly Line[], index: number): boolean {
  return lines[index]?.level === 0 && lines[index + 1]?.level !== 1
}

/** Steps to come that have no room become one line. */
function foldWaiting(lines: readonly Line[], height: number): readonly Line[] {
  const tail = lines.findLastIndex(({ state, level }) => state !== 'waiting' || level > 0) + 1
  const kept = Math.max(tail, height - 1)
  return lines.length - kept > 1
    ? [...lines.slice(0, kept), folded('waiting', messages.moreSteps(lines.length - kept))]
    : lines
}

/** The first steps that ended well become one line, as many of them as there is no room for. */
function foldDone(lines: readonly Line[], height: number): readonly Line[] {
  const isOpen = (line: Line, index: number): boolean => !endedWell(line) || !standsAlone(lines, index)
  const firstOpen = lines.findIndex(isOpen)
  const done = Math.min(firstOpen === -1 ? lines.length : firstOpen, lines.length - height + 1)
  return done > 1 ? [folded('ok', messages.stepsDone(done)), ...lines.slice(done)] : lines
}

/** Targets in this state are left out; the count on the line above them tells that they are there. */
function withoutTargets(isLeftOut: (line: Line) => boolean): (lines: readonly Line[]) => readonly Line[] {
  return (lines) => lines.filter((line) => line.level === 0 || !isLeftOut(line))
}

function cutTop(lines: readonly Line[], height: number): readonly Line[] {
  const above = lines.length - height + 1
  return [folded('waiting', messages.linesAbove(above)), ...lines.slice(above)]
}

const measures = [
  foldWaiting,
  foldDone,
  withoutTargets(({ state }) => state === 'waiting'),
  withoutTargets(endedWell),
  cutTop,
]

/**
 * The lines in at most `height` of them, because a frame taller than the terminal cannot be drawn over. Lines are
 * shortened in several stages until they fit; what runs and what fails stays longest.
 */
export function fitLines(lines: readonly Line[], height: number): readonly Line[] {
  return measures.reduce((shown, measure) => (shown.length <= height ? shown : measure(shown, height)), lines)
}
