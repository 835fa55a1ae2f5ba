/** A plain object that holds options. */
export type PlainRecord = Readonly<Record<string, unknown>>

/** Tells an object literal from class instances and from values with a brand, which are never taken apart. */
export function isPlain(value: unknown): value is PlainRecord {
  if (typeof value !== 'object' || value === null || Object.getOwnPropertySymbols(value).length > 0) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** A part of a config that nobody has checked yet, as a record: an empty one when it is something else. */
export function recordOf(value: unknown): PlainRecord {
  return isPlain(value) ? value : {}
}

/** A list of a config that nobody has checked yet: empty when it is something else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Whether there is a value at the end of a path. */
export function hasPath(value: unknown, path: readonly (string | number)[]): boolean {
  const [key, ...rest] = path
  if (key === undefined) return true
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false
  return hasPath(Object.entries(value).find(([name]) => name === String(key))?.[1], rest)
}
