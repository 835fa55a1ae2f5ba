import * as z from 'zod'
import { isSecret, type Secret } from '../../shell/secret.ts'
import { healthSchema } from './health.ts'
import { line, milliseconds, strict, text } from './strict.ts'
import { supervisorSchema } from './supervisor.ts'

const value = z.union([
  z.string().refine((content) => !content.includes('\0'), { error: 'must not contain a NUL byte' }),
  z.custom<Secret>(isSecret, { error: 'must be a text or secret()' }),
])

/** Environment variables of an app. */
export const variablesSchema = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
    error: 'is not a name for an environment variable: letters, digits and _ only',
  }),
  value,
)

/** A repository or ref that begins with `-` would be an option of git. */
export const gitWord = line.refine((word) => !word.startsWith('-'), { error: 'must not begin with -' })

const base = {
  repository: gitWord.optional(),
  ref: gitWord.optional(),
  build: z.union([text, z.array(text)]).optional(),
  buildTimeoutMs: milliseconds.optional(),
  health: z.union([healthSchema, z.array(healthSchema)]).optional(),
  env: variablesSchema.optional(),
}

/** Options of an instance that are its own; everything else in it is a plugin's. */
export const instanceOptions = ['kind', 'start', ...Object.keys(base)] as const

/** An instance without plugins' settings; `plugins` are names that a misspelt option may have meant. */
export function instanceSchema(plugins: readonly string[]) {
  return z.discriminatedUnion('kind', [
    strict({ kind: z.literal('native'), ...base, start: supervisorSchema.optional() }, plugins),
    strict({ kind: z.literal('docker'), ...base }, plugins),
  ])
}

/** An instance without plugins' settings, checked. */
export type CheckedInstance = z.output<ReturnType<typeof instanceSchema>>
