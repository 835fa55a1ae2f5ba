import * as z from 'zod'
import { destinationSchema, form, saidTwice } from './destination.ts'
import { dumpsSchema, pathInData } from './dumps/schema.ts'
import { keepSchema } from './retention/policy.ts'
import { scheduleSchema } from './schedule/options.ts'

const pattern = z.string().regex(/^[^\0\n]+$/, { error: 'must be one line' })

const destinations = z
  .array(destinationSchema)
  .min(1)
  .readonly()
  .superRefine((said, context) => {
    const at = saidTwice(said)
    if (at !== undefined) {
      context.addIssue({
        code: 'custom',
        path: [at],
        message: 'is a folder that is already in the list, perhaps spelled differently',
      })
    }
  })

/** What `rsyncBackup()` takes. */
export const optionsSchema = z.strictObject({
  /**
   * Where snapshots go: `user@host:/folder`, `/folder` on the host itself, `{ laptop: 'folder' }`, `{ folder, mountpoint }`,
   * `{ folder, way: 'pull' }`, or several of them.
   */
  to: z.union([destinationSchema, destinations], { error: form }),
  /** Which snapshots stay: `{ daily: 7, weekly: 4 }`, by restic's rules. @default all */
  keep: keepSchema.optional(),
  /** Every how many snapshots all content is compared, instead of only sizes and times. @default 10 */
  checksumEvery: z.int().min(1).default(10),
  /** Keep access lists; off for file systems without them. @default true */
  acls: z.boolean().default(true),
  /** Keep extended attributes; off for file systems without them. @default true */
  xattrs: z.boolean().default(true),
  /** Which destinations have to have the snapshot that a deploy waits for: with `any`, one that cannot is reported and not waited for. @default all */
  beforeDeploy: z.enum(['all', 'any']).default('all'),
  /** When the keeper makes snapshots by itself, without the operator's machine: `{ at: '03:00' }`. @default never */
  schedule: scheduleSchema.optional(),
})

/** Validated options. */
export type Options = z.output<typeof optionsSchema>

/** Where in them a key is the name of a host. */
export function hostNamesIn({ to, schedule }: Options): readonly (readonly (string | number)[])[] {
  const all = [to].flat().map((one, at) => ({ one, path: Array.isArray(to) ? ['to', at] : ['to'] }))
  const below = (path: readonly (string | number)[], from: object = {}): readonly (readonly (string | number)[])[] =>
    Object.keys(from).map((name) => [...path, 'from', name])
  return [
    ...all.flatMap(({ one, path }) => (typeof one === 'object' && 'from' in one ? below(path, one.from) : [])),
    ...below(['schedule'], schedule?.from),
  ]
}

const rehearsalSchema = z.strictObject({
  /** A shell command that has to exit 0 once the release is healthy; it sees what the app sees. */
  assert: z.string().min(1).optional(),
  /** Seconds that it may take. @default 300 */
  timeoutSeconds: z.int().min(1).default(300),
  /** A command line instead of what the config starts; with `false`, nothing is started. */
  start: z.union([z.literal(false), pattern]).optional(),
  /** Variables that override those of the release. */
  variables: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'is not a name for a variable' }), z.string())
    .default({}),
})

const settingsObject = z.strictObject({
  /** Whether the service is kept from writing while the last changes are copied. @default live */
  consistency: z.enum(['live', 'pause', 'stop']).default('live'),
  /** Seconds after which the host brings the service back by itself, even if srv is gone. @default 600 */
  holdSeconds: z.int().min(10).default(600),
  /** Dumps of databases, made before the files are copied: `[postgres({ in: 'db' })]`. */
  dumps: dumpsSchema.default([]),
  /** Seconds after which a dump that has not ended is ended, and the backup fails. @default 21600 */
  dumpSeconds: z.int().min(1).default(21_600),
  /** What is left out, as rsync's --exclude reads it. */
  exclude: z.array(pattern).readonly().default([]),
  /** The data may be empty. @default false: an empty folder is taken for one that was not mounted */
  allowEmpty: z.boolean().default(false),
  /** The data folder has to be a mount point, or these paths in it: `['uploads']`, `.` for the folder itself. @default false */
  mountpoint: z
    .union([z.boolean(), z.array(pathInData).min(1).readonly()], {
      error: "must be true, or a list of paths in data/: ['uploads']",
    })
    .default(false),
  /** A deploy makes a snapshot first, and changes nothing without it; `backup: 'before-deploy'` says the same. @default false */
  beforeDeploy: z.boolean().default(false),
  /** What a rehearsal of a restore starts and checks. */
  rehearsal: rehearsalSchema.prefault({}),
})

/** What an instance may say under `backup`. */
export type SaidSettings = z.input<typeof settingsObject> | 'before-deploy'

/** The same, checked. Data belongs to the service: see `shareSettings`. */
export const settingsSchema = z.pipe(
  z.transform((said: SaidSettings) => (said === 'before-deploy' ? { beforeDeploy: true } : said)),
  settingsObject,
)

/** Validated settings of one instance. */
export type Settings = z.output<typeof settingsSchema>
