import * as z from 'zod'
import type { InstanceState } from '../../../src/index.ts'

const detailsSchema = z.object({
  /** Id of the newest release that a host has a record of, whether or not it can be gone back to. */
  newest: z.string().optional(),
})

/** What `inspect` leaves in the state of an instance for `knownIds`. */
export type NewestKnown = z.output<typeof detailsSchema>

/**
 * Ids that a host has of an instance, the newest among them: of releases, of what serves, and of the newest record. A
 * record may be all that a failed deploy left, and a later plugin may have taken out of `releases` what cannot be started.
 */
export function knownIds({ releases, release, details }: InstanceState): readonly string[] {
  const { newest } = detailsSchema.safeParse(details).data ?? {}
  return [...releases, ...(release === undefined ? [] : [release])].map(({ id }) => id).concat(newest ?? [])
}
