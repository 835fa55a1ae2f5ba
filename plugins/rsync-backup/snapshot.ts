import * as z from 'zod'

const count = z.int().nonnegative()

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
  files: count,
  bytes: count,
  newFiles: count,
  newBytes: count,
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

/** A snapshot of which nothing but the name is certain. */
export interface Unreadable extends Pick<
  Snapshot,
  'id' | 'release' | 'files' | 'bytes' | 'newFiles' | 'newBytes' | 'note'
> {
  readonly state: 'unreadable'
  /** What describes it can be read, and is not what was written. */
  readonly isChanged: boolean
}

function unreadable(id: string, isChanged: boolean): Unreadable {
  const note = isChanged ? 'a snapshot.json that was changed after it was written' : 'no snapshot.json that can be read'
  return { id, state: 'unreadable', release: '', files: 0, bytes: 0, newFiles: 0, newBytes: 0, note, isChanged }
}

/**
 * Reads the list that a keeper prints, newest first: `snapshot <id>`, in the next line what describes it, and `changed <id>`
 * where that is not what was written.
 */
export function readListed(stdout: string): readonly (Snapshot | Unreadable)[] {
  const found: (Snapshot | Unreadable)[] = []
  const changed = new Set([...stdout.matchAll(/^changed (\d{8}T\d{6}Z)$/gm)].map(([, id]) => id))
  let named: string | undefined
  const endNamed = (): void => {
    if (named !== undefined) found.push(unreadable(named, changed.has(named)))
    named = undefined
  }
  for (const line of stdout.split('\n')) {
    const name = /^snapshot (\d{8}T\d{6}Z)$/.exec(line)?.[1]
    if (name !== undefined) {
      endNamed()
      named = name
      continue
    }
    const snapshot = readSnapshot(line)
    if (snapshot === undefined || (named !== undefined && snapshot.id !== named)) continue
    found.push(changed.has(snapshot.id) ? unreadable(snapshot.id, true) : snapshot)
    named = undefined
  }
  endNamed()
  return found
}

/** Those of such a list that say what they are. */
export function readSnapshots(stdout: string): readonly Snapshot[] {
  return readListed(stdout).filter((one) => one.state !== 'unreadable')
}

/** The others, each once. */
export function unreadableIn(stdout: string): readonly Unreadable[] {
  const others = readListed(stdout).filter((one) => one.state === 'unreadable')
  return [...new Map(others.map((one) => [one.id, one])).values()]
}

/** How many files it has, for people. */
export function filesText(files: number): string {
  return files === 1 ? '1 file' : `${String(files)} files`
}
