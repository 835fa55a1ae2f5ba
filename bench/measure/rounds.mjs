/** The middle of some numbers, which one slow round does not move. */
export function median(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * Measures several contenders, in turn: A B C A B C …, so that whatever else the machine does hits all of them alike. A
 * contender is `{ name, run }`, and `prepare` and `clean` when something is to be done around a run and not measured;
 * `run` resolves with milliseconds. One round before the first is thrown away: it fills caches and makes what an update
 * presupposes.
 */
export async function measure(contenders, rounds, say = () => undefined) {
  const times = new Map(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const { name, prepare, run, clean } of contenders) {
      await prepare?.()
      const ms = await run()
      await clean?.()
      say(`${round === 0 ? 'warm-up' : `round ${round}`}  ${name}  ${Math.round(ms)} ms`)
      if (round > 0) times.get(name).push(ms)
    }
  }
  return contenders.map(({ name }) => ({
    name,
    medianMs: median(times.get(name)),
    fastestMs: Math.min(...times.get(name)),
    slowestMs: Math.max(...times.get(name)),
  }))
}
