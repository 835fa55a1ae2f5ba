import * as z from 'zod'
import { lines, raw, type InstanceContext } from '../../../src/index.ts'
import { speaks } from '../vault.ts'

const release = z.object({ id: z.string() })

/** A release for the description of a snapshot: as JSON in one line, `null` when none serves, and its id. */
export interface Served {
  readonly text: string
  readonly id: string
}

const none: Served = { text: 'null', id: '' }

/**
 * The release of the service's first instance that serves, which a rehearsal of the snapshot starts. What another instance
 * is deployed for a run may know nothing about that one: then its host is asked.
 */
export async function servedBy(
  context: Pick<InstanceContext, 'service' | 'instance' | 'state' | 'serving' | 'probe' | 'progress'>,
): Promise<Served> {
  const { service, state } = context
  const [first] = service.instances
  if (first === undefined || speaks(context)) {
    return state.release === undefined ? none : { text: JSON.stringify(state.release), id: state.release.id }
  }
  const { end, stdout } = await context.probe`${lines(raw('set -eu'), context.serving(first))}`
  const text = stdout.trim()
  if (end.kind === 'exit' && end.code === 0)
    return text === '' ? none : { text, id: release.parse(JSON.parse(text)).id }
  context.progress(`it is unknown which release of ${first.id} serves`)
  return none
}
