import * as z from 'zod'
import { isSecret, type Secret } from '../../../src/index.ts'
import { fileOf } from './kinds.ts'

/** Part of a file name, and nothing that a dot command of sqlite3 would have to quote. */
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error: 'must contain letters, digits, . _ and - only' })

/** An argument that no tool takes for an option. */
const word = z.string().regex(/^[^-\0\n][^\0\n]*$/, { error: 'must be one line that does not begin with -' })

const password = z.custom<Secret>((value) => isSecret(value), {
  error: "must be a secret: password: secret('DB_PASSWORD')",
})

/** What every dump may say: `in` is a compose service, `as` a Unix user of the host who may see the database. */
const common = { name: name.optional(), in: name.optional(), as: name.optional() }
const server = {
  ...common,
  user: word.optional(),
  host: word.optional(),
  port: z.int().min(1).max(65_535).optional(),
  password: password.optional(),
}

/** A path in data/: no way out of it. */
export const pathInData = z
  .string()
  .refine((file) => file !== '' && !file.startsWith('/') && !/\p{Cc}/u.test(file), { error: 'must be a path in data/' })
  .refine((file) => !file.split('/').includes('..'), { error: 'must be a path in data/, without ..' })

/** One dump. */
export const dumpSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('postgres'),
      ...server,
      database: word.optional(),
      /** `custom` is compressed and can be restored in parts. */
      format: z.enum(['custom', 'plain']).default('custom'),
    }),
    z.strictObject({ kind: z.literal('mysql'), ...server, database: word.optional() }),
    z.strictObject({ kind: z.literal('sqlite'), name: name.optional(), file: pathInData }),
    z.strictObject({ kind: z.literal('redis'), ...server }),
    z.strictObject({
      kind: z.literal('dump'),
      ...common,
      name,
      /** Prints the dump. */
      command: z.string().min(1),
      /** Reads it on standard input, for a restore. */
      load: z.string().min(1).optional(),
      extension: name.default('dump'),
    }),
  ])
  .check(({ value, issues }) => {
    const refuse = (key: string, message: string): void => {
      issues.push({ code: 'custom', input: value, path: [key], message })
    }
    if ('as' in value && value.as !== undefined && value.in !== undefined) {
      refuse('as', 'is a user of the host, and cannot be used with `in`')
    }
    if ('as' in value && value.as !== undefined && 'password' in value && value.password !== undefined) {
      refuse('password', 'cannot be passed on to another user: leave out `as`, or the password')
    }
  })

/** The dumps of a service. */
export const dumpsSchema = z
  .array(dumpSchema)
  .readonly()
  .check(({ value, issues }) => {
    const seen = new Set<string>()
    for (const [index, one] of value.entries()) {
      const file = fileOf(one)
      if (seen.has(file)) {
        const message = `would write dumps/${file}, the same as another dump: give it a name`
        issues.push({ code: 'custom', input: value, path: [index], message })
      }
      seen.add(file)
    }
  })
