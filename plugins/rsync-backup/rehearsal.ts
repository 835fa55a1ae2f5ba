import * as z from 'zod'

/** What a rehearsal can prove, in the order in which it does. */
const partSchema = z.enum(['data', 'dumps', 'release', 'health', 'assert'])

const schema = z.object({
  schema: z.literal('srv.rehearsal/1'),
  /** Id of the snapshot. */
  id: z.string(),
  /** ISO 8601 UTC time at which it began. */
  at: z.string(),
  /** Where it was done: usually the host that the data belongs to. */
  host: z.string().default(''),
  /** From its start until the release was healthy and the assertion had passed, or something failed. */
  seconds: z.number(),
  ok: z.boolean(),
  /** Id of the release that was started; empty when only data were restored. */
  release: z.string(),
  /** What was proved. */
  checked: z.array(partSchema).readonly(),
  /** Why it failed, or why only data was restored; usually empty. */
  note: z.string(),
})

/** The proof of a rehearsal, as its keeper has it: one JSON object a line in `rehearsals.jsonl`. */
export type RehearsalRecord = z.output<typeof schema>

/** What a rehearsal can prove. */
export type Part = z.output<typeof partSchema>

function readOne(line: string): RehearsalRecord | undefined {
  try {
    return schema.parse(JSON.parse(line))
  } catch {
    return undefined
  }
}

/** Reads the records among the lines that a keeper prints, oldest first. */
export function readRehearsals(stdout: string): readonly RehearsalRecord[] {
  return stdout.split('\n').flatMap((line) => (line.includes('"srv.rehearsal/1"') ? (readOne(line) ?? []) : []))
}
