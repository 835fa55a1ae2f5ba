const second = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?=-|$)/

/** The second that a release is named after, in milliseconds since 1970; `NaN` when srv did not name it. */
function secondOf(id: string): number {
  const [time = '', ...parts] = second.exec(id) ?? []
  const [year = '', month = '', day = '', hour = '', minute = '', seconds = ''] = parts
  return time === '' ? Number.NaN : Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${seconds}Z`)
}

function stamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '')
}

/**
 * The id of a release: the UTC second at which the run began and the commit, so that ids sort by time and are the same on
 * all hosts. Where a release of the instance has that second or a later one, it is the second after the newest of them: two
 * runs may begin within one, and the clocks of two machines differ. A number is added when another instance has that id.
 *
 * @param before all releases of the instance on any of its hosts
 * @param taken what other instances have whose releases need another name
 * @example releaseId('2026-11-22T14:03:11.000Z', '3f9c2a1…', []) // '20261122T140311Z-3f9c2a1'
 */
export function releaseId(
  startedAt: string,
  commit: string,
  before: Iterable<string>,
  taken: Iterable<string> = [],
): string {
  const seconds = [...before].map(secondOf).filter((ms) => !Number.isNaN(ms))
  const next = seconds.reduce((latest, ms) => Math.max(latest, ms + 1000), Date.parse(startedAt))
  const base = `${stamp(next)}-${commit.slice(0, 7)}`
  const used = new Set(taken)
  let id = base
  for (let number = 2; used.has(id); number++) id = `${base}-${String(number)}`
  return id
}
