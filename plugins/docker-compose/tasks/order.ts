import * as z from 'zod'
import type { Context } from './build.ts'

const detailsSchema = z.object({
  compose: z.object({
    services: z.array(z.object({ name: z.string(), why: z.string() })),
    running: z.array(z.string()),
  }),
})

/**
 * Says for the plan how each service is replaced when it changes, and why: as far as it is known from the release that
 * serves, since the next one is read on the host.
 */
export function orderOf({ state }: Context): string {
  const parsed = detailsSchema.safeParse(state.details)
  const services = parsed.success ? parsed.data.compose.services : []
  if (services.length === 0) return 'start all services, in the order of what needs what'
  const each = services.map(({ name, why }) =>
    why === '' ? `${name} start-first` : `${name} stop-first, because ${why}`,
  )
  return `replace what changed: ${each.join('; ')}`
}
