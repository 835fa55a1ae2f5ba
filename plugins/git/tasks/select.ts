import type { TaskMaker } from '../../../src/index.ts'
import { layoutOf } from '../layout.ts'
import type { Options, Settings } from '../options.ts'
import { selectRelease } from '../select.ts'

/** Decides which release a rollback goes to, and refuses before any change when a host does not have it. */
export function selectTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Select the release to go back to',
    on: 'once',
    changes: false,
    flags: { to: { type: 'string', description: 'Go back to this release', value: 'release' } },
    run(context) {
      const native = context.placements.filter(({ instance }) => instance.kind === 'native')
      const chosen = [...new Set(native.map(({ instance }) => instance.id))].flatMap((instance) => {
        const placements = native.filter((one) => one.instance.id === instance)
        const holdings = placements.map((one) => ({ host: one.host.name, state: context.state(one) }))
        const id = selectRelease(instance, holdings, context.flags.to)
        return placements.map((placement) => ({ placement, id }))
      })
      for (const { placement, id } of chosen) {
        const state = context.state(placement)
        const layout = layoutOf(placement)
        // What serves already, and came to its end, has nothing to be done for it.
        const same = state.release?.id === id && state.digest !== undefined ? { digest: state.digest } : {}
        context.choose(placement, {
          release: state.releases.find((release) => release.id === id) ?? { id },
          folder: `${layout.releases}/${id}`,
          directory: layout.current,
          ...same,
        })
      }
      context.progress([...new Set(chosen.map(({ placement, id }) => `${placement.instance.id} to ${id}`))].join(', '))
    },
  })
}
