import { definePlugin } from '../../src/index.ts'
import { checksFor } from './checks.ts'
import { layoutOf } from './layout.ts'
import { optionsSchema, settingsSchema } from './options.ts'
import { inspectCheckoutScript } from './scripts/in-place/inspect.ts'
import { inspectScript } from './scripts/inspect.ts'
import { servingCheckoutScript, servingScript } from './scripts/serving.ts'
import { readCheckoutFacts } from './state/checkout-facts.ts'
import { checkoutState } from './state/checkout-state.ts'
import { readFacts } from './state/facts.ts'
import { stateOf } from './state/state.ts'
import { isInPlace } from './strategy.ts'
import { fetchTask } from './tasks/fetch.ts'
import { pruneTask, recordTask } from './tasks/finish.ts'
import { linkTask } from './tasks/link.ts'
import { pushTask } from './tasks/push.ts'
import { resolveTask } from './tasks/resolve.ts'
import { selectTask } from './tasks/select.ts'
import { switchTask } from './tasks/switch.ts'

/**
 * Deploys the code of instances, native and docker alike, with git: either each version in its own folder, with a link that
 * is switched by a rename, or in place, by moving one checkout from commit to commit.
 *
 * @example plugins: [git({ source: 'push', keep: 3 })]
 */
export const git = definePlugin({
  id: 'git',
  options: optionsSchema,
  settings: settingsSchema,
  setup({ options, task }) {
    const resolve = resolveTask(task)
    return {
      tasks: {
        resolve,
        push: pushTask(task, resolve),
        fetch: fetchTask(task, resolve),
        link: linkTask(task),
        switch: switchTask(task),
        record: recordTask(task),
        prune: pruneTask(task),
        select: selectTask(task),
      },
      checks: checksFor(options),
      inPlace: (_placement, settings) => isInPlace(options, settings),
      inspect: {
        probe: (placement, settings) =>
          isInPlace(options, settings)
            ? inspectCheckoutScript(layoutOf(placement))
            : inspectScript(layoutOf(placement)),
        serving: (placement, settings) =>
          isInPlace(options, settings)
            ? servingCheckoutScript(layoutOf(placement))
            : servingScript(layoutOf(placement)),
        read({ stdout }, placement, settings) {
          const layout = layoutOf(placement)
          return isInPlace(options, settings)
            ? checkoutState(readCheckoutFacts(stdout), layout.instance)
            : stateOf(readFacts(stdout), layout.current)
        },
      },
      phases: {
        deploy: {
          resolve: ['resolve'],
          prepare: ['push', 'fetch', 'link'],
          activate: ['switch'],
          finish: ['record', 'prune'],
        },
        rollback: { resolve: ['select'], activate: ['switch'], finish: ['record'] },
      },
    }
  },
})
