import { size, type InstanceContext } from '../../../src/index.ts'
import { ageText } from '../age.ts'
import { filesText, type Snapshot } from '../snapshot.ts'

type Context = Pick<InstanceContext, 'progress' | 'warn' | 'state' | 'service' | 'host'>

/** Whether a release is the one that serves, or the same commit from another deploy, as on another host. */
function serves({ state: { release } }: Context, id: string): boolean {
  const code = id.slice(id.lastIndexOf('-') + 1)
  return release?.id === id || (code.length > 6 && release?.commit?.startsWith(code) === true)
}

/** Says which snapshot is about to be put in place, and warns where another release wrote the data than will run on it. */
export function tellChosen(context: Context, { id, startedAt, files, bytes, release }: Snapshot, now: number): void {
  context.progress(`the snapshot ${id}: ${ageText(now - Date.parse(startedAt))}, ${filesText(files)}, ${size(bytes)}`)
  const { state, service, host } = context
  if (release === '' || state.release === undefined || serves(context, release)) return
  context.warn(
    `The data of the snapshot ${id} of ${service.name} on ${host.name} was written by the release ${release}, and will be used by ${state.release.id}, which serves. srv rollback --to ${release} goes back to that one, where it is still there.`,
  )
}
