import * as z from 'zod'
import type { Facts } from './facts.ts'
import { byKind, readHistory, readRecords } from './facts.ts'

const detailsSchema = z.object({
  /** `other`: something that is not a checkout, see `problem`. */
  place: z.enum(['missing', 'checkout', 'other']),
  problem: z.string().optional(),
  /** Full id of the commit that is checked out; nothing before the first commit. */
  head: z.string().optional(),
  /** Nothing when the checkout is detached. */
  branch: z.string().optional(),
  /** Names of tracked files that somebody changed. */
  changes: z.array(z.string()),
  /** `merge`, `rebase`, …: what somebody is in the middle of there. */
  operation: z.string().optional(),
  /** URLs of all remotes. */
  remotes: z.array(z.string()),
  /** There is a `.env` that srv did not write. */
  foreignVariables: z.boolean(),
  /** srv made the checkout, and the run of no release of it has finished yet. */
  made: z.boolean(),
  /** A run was killed while it moved the checkout: changes there come from srv. */
  moving: z.boolean(),
  /** What serves was never recorded. */
  adopted: z.boolean(),
  /** As `knownIds` reads it. */
  newest: z.string().optional(),
})

/** What the plugin's tasks know of a checkout, beside what core knows of every instance. */
export type CheckoutDetails = z.output<typeof detailsSchema>

/** The details that `inspect` left in the state of an instance, when it did. */
export function detailsOf({ details }: { readonly details?: unknown }): CheckoutDetails | undefined {
  const parsed = detailsSchema.safeParse(details)
  return parsed.success ? parsed.data : undefined
}

/** What a host printed about a checkout. */
export interface CheckoutFacts extends Pick<Facts, 'finished' | 'records' | 'history'> {
  readonly details: Omit<CheckoutDetails, 'adopted'>
  /** UTC time of the commit that is checked out, as release ids have it, and the first line of its message. */
  readonly headTime: string
  readonly headSubject: string
}

/** Reads what the inspecting script printed; a record whose commit is gone is left out. */
export function readCheckoutFacts(stdout: string): CheckoutFacts {
  const all = byKind(stdout)
  const [place = 'other'] = all('place')
  const [problem] = all('problem')
  const [head, headTime = '', ...words] = all('head')[0]?.split(' ') ?? []
  const [branch] = all('branch')
  const [operation] = all('operation')
  const [finished] = all('finished')
  const records = readRecords(all)
  const here = new Set(all('object').flatMap((line) => (line.includes(' commit ') ? line.split(' ')[0] : [])))
  return {
    headTime,
    headSubject: words.join(' '),
    ...(finished === undefined ? {} : { finished }),
    records: records.filter(({ commit }) => commit !== undefined && here.has(commit)),
    history: readHistory(all),
    details: {
      newest: records[0]?.id,
      place: place === 'missing' || place === 'checkout' ? place : 'other',
      ...(problem === undefined ? {} : { problem }),
      ...(head === undefined ? {} : { head }),
      ...(branch === undefined ? {} : { branch }),
      ...(operation === undefined ? {} : { operation }),
      changes: all('change').map((line) => line.slice(3)),
      remotes: [...all('remote')],
      foreignVariables: all('foreign').length > 0,
      made: all('made').length > 0,
      moving: all('moving').length > 0,
    },
  }
}
