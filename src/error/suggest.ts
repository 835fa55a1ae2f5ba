/** Edit distance in insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function distance(left: string, right: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1] ? 0 : 1
      let best = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + same)
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      if (row > 1 && column > 1 && swapped) best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1)
      current.push(best)
    }
    beforeLast = last
    last = current
  }
  return last[right.length] ?? 0
}

/** The known name that `unknown` was probably meant to be, or nothing when none is near: at most a third of its letters may differ. */
export function suggest(unknown: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(unknown.length / 3)) + 1
  for (const name of known) {
    const found = distance(unknown.toLowerCase(), name.toLowerCase())
    if (found < bestDistance) [best, bestDistance] = [name, found]
  }
  return best
}

/** The words that end an "unknown name" message: the near miss if there is one, and what exists. */
export function didYouMean(unknown: string, known: Iterable<string>): string {
  const names = [...known]
  const near = suggest(unknown, names)
  if (near !== undefined) {
    const others = names.filter((name) => name !== near)
    return `Did you mean ${near}?${others.length > 0 && others.length <= 8 ? ` (also: ${others.join(', ')})` : ''}`
  }
  return names.length === 0 ? 'There are none.' : `Available: ${names.join(', ')}.`
}
