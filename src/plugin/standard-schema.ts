import type { StandardSchemaV1 } from '@standard-schema/spec'
import { didYouMean } from '../error/suggest.ts'
import type { Schema } from './contract.ts'

/** What a schema says is wrong, in the words that any schema library gives. */
export interface SchemaProblem {
  readonly path: readonly (string | number)[]
  readonly text: string
}

/** What came of checking a value. */
export type Validated =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problems: readonly SchemaProblem[] }

function keyOf(segment: PropertyKey | StandardSchemaV1.PathSegment): string | number {
  const key = typeof segment === 'object' ? segment.key : segment
  return typeof key === 'symbol' ? String(key) : key
}

/** The options that an object schema knows: Standard Schema does not expose them, but zod has `shape` and valibot `entries`. */
function optionsOf(schema: object): readonly string[] {
  const found: unknown = 'shape' in schema ? schema.shape : 'entries' in schema ? schema.entries : undefined
  return typeof found === 'object' && found !== null ? Object.keys(found) : []
}

/** The keys that an issue of zod calls unknown; other libraries give each key an issue and a path of its own. */
function unknownKeys(issue: StandardSchemaV1.Issue): readonly string[] {
  if (!('code' in issue) || issue.code !== 'unrecognized_keys' || !('keys' in issue)) return []
  return Array.isArray(issue.keys) ? issue.keys.filter((key) => typeof key === 'string') : []
}

function problemsOf(issue: StandardSchemaV1.Issue, schema: Schema): readonly SchemaProblem[] {
  const path = (issue.path ?? []).map(keyOf)
  const known = optionsOf(schema)
  const unknown = (at: readonly (string | number)[], key: string) => {
    const hint = at.length === 1 && known.length > 0 ? ` ${didYouMean(key, known)}` : ''
    return { path: at, text: `is not a known option.${hint}` }
  }
  const keys = unknownKeys(issue)
  if (keys.length > 0) return keys.map((key) => unknown([...path, key], key))
  const [first] = path
  if (path.length === 1 && typeof first === 'string' && known.length > 0 && !known.includes(first)) {
    return [unknown(path, first)]
  }
  return [{ path, text: `is wrong: ${issue.message}` }]
}

/** Checks a value with any Standard Schema. A validator that throws counts as a problem of the value. */
export async function validate(schema: Schema, value: unknown): Promise<Validated> {
  try {
    const result = await schema['~standard'].validate(value)
    if (result.issues === undefined) return { ok: true, value: result.value }
    return { ok: false, problems: result.issues.flatMap((issue) => problemsOf(issue, schema)) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, problems: [{ path: [], text: `could not be checked: ${message}` }] }
  }
}
