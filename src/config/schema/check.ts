import type { z } from 'zod'
import type { Path, Problem } from '../problem.ts'

type Issue = z.core.$ZodIssue

/** What came of checking a part of the config. */
export type Checked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly Problem[] }

const articles: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

function typeOf(input: unknown): string {
  if (input === null) return 'null'
  return Array.isArray(input) ? 'a list' : (articles[typeof input] ?? `a ${typeof input}`)
}

function keys(path: readonly PropertyKey[]): Path {
  return path.map((key) => (typeof key === 'symbol' ? String(key) : key))
}

/** How far a branch of a union is from what was written: a wrong type at its root is the farthest. */
function remoteness(branch: readonly Issue[]): number {
  const atRoot = branch.filter(({ path }) => path.length === 0)
  if (atRoot.some(({ code }) => code === 'invalid_type')) return 2
  return atRoot.some(({ code }) => code === 'custom') ? 1 : 0
}

function nearest(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  return branches.reduce((best, branch) => (remoteness(branch) < remoteness(best) ? branch : best), branches[0] ?? [])
}

function alternatives(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(' or ')
}

function textOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type': {
      const wanted = articles[issue.expected] ?? issue.expected
      return issue.input === undefined
        ? `is missing: it must be ${wanted}`
        : `must be ${wanted}, not ${typeOf(issue.input)}`
    }
    case 'invalid_value':
      return `must be ${alternatives(issue.values)}`
    case 'too_small':
      return issue.inclusive === true
        ? `must be at least ${String(issue.minimum)}`
        : `must be more than ${String(issue.minimum)}`
    case 'too_big':
      return `must be at most ${String(issue.maximum)}`
    case 'invalid_union':
      return 'discriminator' in issue && 'options' in issue
        ? `must be ${alternatives(issue.options ?? [])}`
        : issue.message
    case 'custom':
    case 'invalid_format':
    case 'invalid_key':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return issue.message
  }
}

function problemsOf(issue: Issue, at: Path): readonly Problem[] {
  const path = [...at, ...keys(issue.path)]
  if (issue.code === 'unrecognized_keys') {
    const lines = issue.message.split('\n')
    return issue.keys.map((key, index) => ({ path: [...path, key], text: lines[index] ?? issue.message }))
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return nearest(issue.errors).flatMap((one) => problemsOf(one, path))
  }
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ path, text: message }))
  return [{ path, text: textOf(issue) }]
}

/** Checks a part of the config that stands at `path`; all problems come back, none is thrown. */
export function check<T extends z.ZodType>(schema: T, value: unknown, path: Path): Checked<z.output<T>> {
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success) return { ok: true, value: result.data }
  return { ok: false, problems: result.error.issues.flatMap((issue) => problemsOf(issue, path)) }
}
