import * as z from 'zod'
import type { InstanceState } from '../../../src/index.ts'

const detailsSchema = z.object({ compose: z.object({ changed: z.array(z.string()).default([]) }) })

/** Ids of the containers of an instance that somebody changed since they were made. */
export function changedIn({ details }: InstanceState): readonly string[] {
  const parsed = detailsSchema.safeParse(details)
  return parsed.success ? parsed.data.compose.changed : []
}
