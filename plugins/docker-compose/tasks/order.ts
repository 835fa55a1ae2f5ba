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
  const { services, running } = parsed.success ? parsed.data.compose : { services: [], running: [] }
  if (services.length === 0) {
    const order = 'start all services, in the order of their dependencies'
    return running.length === 0
      ? order
      : `${order}; ${running.join(', ')} ${running.length === 1 ? 'was' : 'were'} started by hand: stopped and kept until the deploy succeeds, started again if it fails`
  }
  const each = services.map(({ name, why }) =>
    why === '' ? `${name} start-first` : `${name} stop-first, because ${why}`,
  )
  return `replace what changed: ${each.join('; ')}`
}
