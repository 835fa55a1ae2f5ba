import * as z from 'zod'

const schema = z.object({
  schema: z.literal('srv.snapshot/1'),
  id: z.string(),
  host: z.string(),
  service: z.string(),
  state: z.enum(['good', 'suspect']),
  pinned: z.boolean(),
  release: z.string(),
  /** ISO 8601 UTC */
  startedAt: z.string(),
  files: z.number(),
  bytes: z.number(),
  newFiles: z.number(),
  newBytes: z.number(),
  checksum: z.string(),
  manifest: z.string(),
  note: z.string(),
  /** Id of the release whose deploy it was made for; empty for any other. */
  before: z.string().default(''),
  /** When it was begun by the clock of the host of the data, in seconds since 1970; older ones lack it. */
  clock: z.number().optional(),
})

/** One point-in-time copy of a service's data, as its keeper describes it. */
export type Snapshot = z.output<typeof schema>

/** Reads the description of one snapshot; nothing when it is none. */
export function readSnapshot(line: string): Snapshot | undefined {
  try {
    return schema.parse(JSON.parse(line))
  } catch {
    return undefined
  }
}

/** Reads the list that a keeper prints, newest first. */
export function readSnapshots(stdout: string): readonly Snapshot[] {
  return stdout.split('\n').flatMap((line) => readSnapshot(line) ?? [])
}

/** How many files it has, for people. */
export function filesText(files: number): string {
  return files === 1 ? '1 file' : `${String(files)} files`
}
