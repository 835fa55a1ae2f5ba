import type { Placement, TaskMaker } from '../../../src/index.ts'
import { foldersOf, layoutOf } from '../layout.ts'
import { effective, settingsSchema, type Effective, type Options, type Settings } from '../options.ts'
import { refuseUnready } from '../refusal.ts'
import { selectRelease } from '../select.ts'
import { detailsOf } from '../state/checkout-facts.ts'

/** Decides which release a rollback goes to, and refuses before any change when a host does not have it. */
export function selectTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Select the release to go back to',
    on: 'once',
    changes: false,
    flags: { to: { type: 'string', description: 'Go back to this release', value: 'release' } },
    run(context) {
      const { placements: all } = context
      const settingsOf = ({ instance }: Placement): Effective =>
        effective(context.options, settingsSchema.parse(context.settings(instance)))
      refuseUnready(
        all.flatMap((placement) => {
          const details = detailsOf(context.state(placement))
          const writesVariables = Object.keys(placement.instance.env).length > 0
          return details === undefined ? [] : [{ placement, details, writesVariables }]
        }),
      )
      const chosen = [...new Set(all.map(({ instance }) => instance.id))].flatMap((instance) => {
        const placements = all.filter((one) => one.instance.id === instance)
        const holdings = placements.map((one) => ({ host: one.host.name, state: context.state(one) }))
        const ids = selectRelease(instance, holdings, context.flags.to)
        return placements.flatMap((placement) => {
          const id = ids.get(placement.host.name)
          return id === undefined ? [] : [{ placement, id }]
        })
      })
      for (const { placement, id } of chosen) {
        const state = context.state(placement)
        // A release that already serves, and whose run finished, needs nothing.
        const same = state.release?.id === id && state.digest !== undefined ? { digest: state.digest } : {}
        context.choose(placement, {
          release: state.releases.find((release) => release.id === id) ?? { id },
          ...foldersOf(layoutOf(placement), settingsOf(placement), id),
          ...same,
        })
      }
      context.progress([...new Set(chosen.map(({ placement, id }) => `${placement.instance.id} to ${id}`))].join(', '))
    },
  })
}
