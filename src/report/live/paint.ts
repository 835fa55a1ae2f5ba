import { isBad, marks, type State } from '../mark.ts'
import type { Format, Style } from '../style.ts'
import { displayWidth, pad, truncate } from '../width.ts'
import type { Line } from './line.ts'

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** Wider than this, the times at the right would be too far from the names at the left to be read together. */
const widest = 100
const longestName = 24
const narrowestNote = 8

/** How one frame is painted. */
export interface PaintOptions {
  readonly columns: number
  /** Counts the frames: it turns the spinners. */
  readonly frame: number
  readonly style: Style
}

function noteFormat(state: State): Format {
  return isBad(state) ? marks[state].format : 'dim'
}

function nameWidth(lines: readonly Line[], level: number): number {
  const widths = lines.filter((line) => line.level === level).map(({ name }) => displayWidth(name))
  return Math.max(0, ...widths.filter((width) => level > 0 || width <= longestName))
}

/** The right-hand part: count and time in a column of their own, or as much as there is room for. */
function rightOf(line: Line, timeWidth: number, room: number): string {
  const time = timeWidth === 0 ? '' : line.time.padStart(timeWidth)
  const both = [line.count, time].filter((part) => part !== '').join('  ')
  const needed = line.note === '' ? 2 : 2 + narrowestNote
  return [both, time].find((text) => displayWidth(text) + needed <= room) ?? ''
}

/** Lines as the terminal shows them: one row each, never wider than it, names and times aligned. */
export function paint(lines: readonly Line[], options: PaintOptions): string[] {
  const { style, frame } = options
  const width = Math.min(options.columns - 1, widest)
  const nameWidths = [nameWidth(lines, 0), nameWidth(lines, 1)]
  const timeWidth = Math.max(0, ...lines.map(({ time }) => displayWidth(time)))

  return lines.map((line) => {
    const { sign, format } = marks[line.state]
    const indent = '  '.repeat(line.level)
    const room = width - indent.length - 2
    // A folded line has no name: its note begins where names do.
    const fullName = line.name === '' ? '' : `${pad(line.name, nameWidths[line.level] ?? 0)}  `
    const name = truncate(fullName, room)
    const left = room - displayWidth(name)
    const right = rightOf(line, timeWidth, left)
    const noteRoom = left - (right.trim() === '' ? 0 : displayWidth(right) + 2)
    const note = truncate(line.note.replaceAll('\t', ' '), noteRoom)
    const filler = right.trim() === '' ? '' : ' '.repeat(noteRoom - displayWidth(note) + 2)
    return [
      indent,
      style(format, line.state === 'running' ? (spinner[frame % spinner.length] ?? sign) : sign),
      ` ${line.state === 'waiting' ? style('dim', name) : name}`,
      style(noteFormat(line.state), note),
      filler,
      style('dim', right.trimEnd()),
    ]
      .join('')
      .trimEnd()
  })
}
