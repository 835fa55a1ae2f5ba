import { backup } from './catalog/backup.ts'
import { check } from './catalog/check.ts'
import { commandLine } from './catalog/command-line.ts'
import { compose } from './catalog/compose.ts'
import { connection } from './catalog/connection.ts'
import { dumps } from './catalog/dumps.ts'
import { git } from './catalog/git.ts'
import { gitInPlace } from './catalog/git-in-place.ts'
import { internal } from './catalog/internal.ts'
import { journal } from './catalog/journal.ts'
import { lease } from './catalog/lease.ts'
import { plan } from './catalog/plan.ts'
import { rehearsal } from './catalog/rehearsal.ts'
import { run } from './catalog/run.ts'
import { schedule } from './catalog/schedule.ts'
import { sandbox } from './catalog/sandbox.ts'
import { usage } from './catalog/usage.ts'
import { vault } from './catalog/vault.ts'
import type { Entry } from './entry.ts'

/** Every message that srv can fail with, by its permanent code. A code is never given a second meaning. */
const entries = {
  ...usage,
  ...commandLine,
  ...plan,
  ...check,
  ...connection,
  ...lease,
  ...git,
  ...gitInPlace,
  ...compose,
  ...backup,
  ...dumps,
  ...rehearsal,
  ...vault,
  ...schedule,
  ...run,
  ...sandbox,
  ...journal,
  ...internal,
}

type Raw = typeof entries

/** A permanent error code, `SRV-nnn`. 1xx usage and config, 2xx connection, 3xx host, 4xx lease, 5xx run, 6xx data, 9xx srv itself. */
export type Code = keyof Raw

type DetailsByCode = { readonly [C in Code]: Raw[C] extends Entry<infer D> ? D : never }

/** What the message and hint of a code need to know. */
export type Details<C extends Code> = DetailsByCode[C]

/** The same entries, in the form in which TypeScript knows that an entry and the details of its code belong together. */
const byCode: { readonly [C in Code]: Entry<DetailsByCode[C]> } = entries

/** The text and exit status of a code with its details filled in. */
export interface Description {
  readonly message: string
  readonly hint: string
  readonly exitCode: number
}

/** The catalogue: `describe` fills one entry, `codes` lists them for the documentation. */
export const catalog = {
  codes: Object.keys(entries).sort(),
  describe<C extends Code>(code: C, details: Details<C>): Description {
    const { message, hint, exitCode } = byCode[code]
    return { message: message(details), hint: hint(details), exitCode }
  },
}
