import type { Format, Style } from './style.ts'
import { displayWidth, pad, truncate } from './width.ts'

/** A cell, with a colour of its own if it needs one. */
export type Cell = string | { readonly text: string; readonly format: Format }

/** How a table is drawn. */
export interface TableOptions {
  readonly style: Style
  /** Columns of the terminal; without it nothing is cut. */
  readonly width?: number | undefined
}

const gap = 2
const narrowest = 6

const textOf = (cell: Cell | undefined): string => (typeof cell === 'object' ? cell.text : (cell ?? ''))

/** Widths that fit: the widest column shrinks until the line fits; none gets narrower than a few letters. */
function fitted(widths: readonly number[], width: number): number[] {
  const result = [...widths]
  let excess = result.reduce((sum, one) => sum + one + gap, -gap) - width
  while (excess > 0) {
    const widest = Math.max(...result)
    if (widest <= narrowest) break
    result[result.indexOf(widest)] = widest - 1
    excess--
  }
  return result
}

/** Lines of aligned columns below their head, without trailing spaces. Columns that are empty in every row are left out. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[], options: TableOptions): string[] {
  const shown = head.map((_, index) => index).filter((index) => rows.some((row) => textOf(row[index]) !== ''))
  const natural = shown.map((index) =>
    Math.max(displayWidth(head[index] ?? ''), ...rows.map((row) => displayWidth(textOf(row[index])))),
  )
  const widths = fitted(natural, options.width ?? Infinity)
  const line = (cells: readonly (Cell | undefined)[]): string => {
    const last = cells.findLastIndex((cell) => textOf(cell) !== '')
    return cells
      .slice(0, last + 1)
      .map((cell, index) => {
        const width = widths[index] ?? 0
        const text = truncate(textOf(cell), width)
        const filler = index === last ? '' : ' '.repeat(width - displayWidth(text) + gap)
        return (typeof cell === 'object' ? options.style(cell.format, text) : text) + filler
      })
      .join('')
  }
  return [
    options.style(
      'dim',
      shown
        .map((index, place) => pad(truncate(head[index] ?? '', widths[place] ?? 0), widths[place] ?? 0))
        .join(' '.repeat(gap))
        .trimEnd(),
    ),
    ...rows.map((row) => line(shown.map((index) => row[index]))),
  ]
}
