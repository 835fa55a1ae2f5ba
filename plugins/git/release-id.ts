/**
 * The id of a release: the UTC time at which the run began and the commit, so that ids sort by time and are the same on
 * all hosts. A number is added when a host already has that id.
 *
 * @example releaseId('2026-11-22T14:03:11.000Z', '3f9c2a1…', []) // '20261122T140311Z-3f9c2a1'
 */
export function releaseId(startedAt: string, commit: string, taken: Iterable<string>): string {
  const time = startedAt.replace(/\.\d+/, '').replaceAll(/[-:]/g, '')
  const base = `${time}-${commit.slice(0, 7)}`
  const used = new Set(taken)
  let id = base
  for (let number = 2; used.has(id); number++) id = `${base}-${String(number)}`
  return id
}
