import * as z from 'zod'

/** srv's record of one release, as it lies on the host. */
const recordSchema = z.object({
  commit: z.string(),
  ref: z.string().optional(),
  subject: z.string().optional(),
  by: z.string().optional(),
  digest: z.string().optional(),
  made: z.string().optional(),
  /** It was there before srv was: what else it was made of is unknown. */
  adopted: z.boolean().optional(),
})

/** srv's record of one release; nothing but the id when the file cannot be read. */
export type ReleaseRecord = {
  readonly id: string
  /** A run that deployed it has finished. */
  readonly whole?: boolean
} & Partial<z.output<typeof recordSchema>>

/** One switch of `current`. */
export interface Switched {
  readonly at: string
  readonly id: string
  readonly by: string
  /** In place: the branch that was checked out; empty when none was. Unknown for what was adopted. */
  readonly branch?: string
}

/** What an instance's host printed about it. */
export interface Facts {
  /** Where the link `current` leads. */
  readonly current?: string
  readonly dangling: boolean
  /** `current` is a folder instead of a link. */
  readonly folder: boolean
  /** What `current/REVISION` says. */
  readonly revision?: string
  readonly finished?: string
  /** Newest first. */
  readonly records: readonly ReleaseRecord[]
  /** Oldest first. */
  readonly history: readonly Switched[]
}

function readRecord(text: string): ReleaseRecord {
  const space = text.indexOf(' ')
  const id = text.slice(0, space)
  try {
    const parsed = recordSchema.safeParse(JSON.parse(text.slice(space + 1)))
    return parsed.success ? { id, ...parsed.data } : { id }
  } catch {
    return { id }
  }
}

function readSwitched(text: string): Switched {
  const [at = '', id = '', by = '', branch] = text.split('\t')
  return { at, id, by, ...(branch === undefined ? {} : { branch }) }
}

/** Gives the rest of each line that begins with a word, in order. */
export function byKind(stdout: string): (kind: string) => readonly string[] {
  const told = stdout.split('\n').map((line) => {
    const space = line.indexOf(' ')
    return space === -1 ? { kind: line, text: '' } : { kind: line.slice(0, space), text: line.slice(space + 1) }
  })
  return (kind) => told.filter((one) => one.kind === kind).map(({ text }) => text)
}

/** The records that were printed, newest first. */
export function readRecords(all: (kind: string) => readonly string[]): readonly ReleaseRecord[] {
  const whole = new Set(all('whole'))
  return all('release')
    .map(readRecord)
    .map((record) => (whole.has(record.id) ? { ...record, whole: true } : record))
    .sort((left, right) => (left.id < right.id ? 1 : -1))
}

/** The switches that were printed, oldest first. */
export function readHistory(all: (kind: string) => readonly string[]): readonly Switched[] {
  return all('switched').map(readSwitched)
}

/** Reads what the inspecting script printed; lines that it does not know are left out. */
export function readFacts(stdout: string): Facts {
  const all = byKind(stdout)
  const [current] = all('current')
  const [revision] = all('revision')
  const [finished] = all('finished')
  return {
    ...(current === undefined ? {} : { current }),
    ...(revision === undefined || revision === '' ? {} : { revision }),
    ...(finished === undefined ? {} : { finished }),
    dangling: all('dangling').length > 0,
    folder: all('folder').length > 0,
    records: readRecords(all),
    history: readHistory(all),
  }
}
