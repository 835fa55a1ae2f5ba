import * as z from 'zod'
import type { InstanceState } from '../../../src/index.ts'
import type { GoneImage } from './facts.ts'

const goneSchema = z.array(z.object({ image: z.string(), names: z.array(z.string()) }))
const detailsSchema = z.object({
  compose: z.object({ changed: z.array(z.string()).default([]), gone: z.record(z.string(), goneSchema).default({}) }),
})

/** Ids of the containers of an instance that somebody changed since they were made. */
export function changedIn({ details }: InstanceState): readonly string[] {
  const parsed = detailsSchema.safeParse(details)
  return parsed.success ? parsed.data.compose.changed : []
}

/** The images of a release that are no longer on the host. */
export function goneFrom({ details }: InstanceState, release: string): readonly GoneImage[] {
  const parsed = detailsSchema.safeParse(details)
  return parsed.success ? (parsed.data.compose.gone[release] ?? []) : []
}
