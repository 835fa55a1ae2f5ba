import * as z from 'zod'
import { isSecret, type Secret } from '../../../src/index.ts'
import { isCalendar } from './calendar.ts'
import { addressSchema } from './reach.ts'

/** An address may be a password: whoever knows it can say that a backup succeeded. */
const url = z.union([
  z.string().regex(/^https?:\/\/[^\s"\\]+$/, { error: 'must be an http or https URL' }),
  z.custom<Secret>((value) => isSecret(value), { error: 'must be a URL, or a secret' }),
])

const pings = z
  .strictObject({ start: url.optional(), success: url.optional(), failure: url.optional() })
  .refine((said) => Object.values(said).some((one) => one !== undefined), {
    error: 'tells nobody: write a URL, or one for start, success or failure',
  })

/** What `schedule` takes: when backups are made without the operator's machine, and who is told. */
export const scheduleSchema = z.strictObject({
  /** `03:00` each day, in the keeper's time zone, or a calendar expression of systemd: `Mon *-*-* 04:30`, `hourly`. */
  at: z.string().refine(isCalendar, {
    error: `is no time: write "03:00", or a calendar expression of systemd, such as "Mon *-*-* 04:30" or "hourly"`,
  }),
  /** Seconds by which a run is put off at random, so that not all begin at once. @default 900 */
  randomDelay: z.int().min(0).default(900),
  /** Seconds for which a run waits for a deploy or another backup of the service. @default 1800 */
  wait: z.int().min(0).default(1800),
  /** Who is told of start, success and failure: one URL in the way of healthchecks.io, `/start` and `/fail` behind it, or three. */
  ping: z.union([url, pings]).optional(),
  /** How keepers reach a host when not as this machine does: `{ web1: 'deploy@10.0.0.5:22' }`. */
  from: z.record(z.string(), addressSchema).default({}),
})

/** Validated schedule. */
export type Schedule = z.output<typeof scheduleSchema>
