import { isPlain, recordOf, type PlainRecord } from './records.ts'

function merged(
  base: PlainRecord,
  over: PlainRecord,
  mergeKey: (key: string, under: unknown, top: unknown) => unknown,
): PlainRecord {
  const result: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    if (value !== undefined) result[key] = mergeKey(key, base[key], value)
  }
  return result
}

/** Object literals are merged by key at any depth; lists, texts and branded values of the overlay take the place of the base's. */
function deep(_key: string, under: unknown, top: unknown): unknown {
  return isPlain(under) && isPlain(top) ? merged(under, top, deep) : top
}

/** An instance under an overlay: `env` and plugins' settings are merged; `health` and `start` are replaced as a whole. */
function overlayInstance(plugins: readonly string[]) {
  return (_name: string, base: unknown, over: unknown): unknown =>
    isPlain(base) && isPlain(over)
      ? merged(base, over, (key, under, top) => {
          // A change of kind is reported elsewhere; applied, it would make other problems of its own.
          if (key === 'kind') return under
          return key === 'env' || plugins.includes(key) ? deep(key, under, top) : top
        })
      : over
}

/**
 * A service as one environment sees it: `env` is merged, `instances` one by one, everything else is replaced. Nothing is
 * checked here: what comes out is checked like any other service.
 */
export function overlayService(base: unknown, over: unknown, plugins: readonly string[]): unknown {
  if (!isPlain(base) || !isPlain(over)) return base
  return merged(base, over, (key, under, top) => {
    if (key === 'env') return deep(key, under, top)
    if (key !== 'instances' || !isPlain(top)) return top
    // An instance that the service does not have is reported elsewhere; here it would be half an instance.
    const known = Object.entries(top).filter(([name]) => name in recordOf(under))
    return merged(recordOf(under), Object.fromEntries(known), overlayInstance(plugins))
  })
}
