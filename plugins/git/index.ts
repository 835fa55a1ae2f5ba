import { definePlugin } from '../../src/index.ts'
import { checks } from './checks.ts'
import { layoutOf } from './layout.ts'
import { optionsSchema, settingsSchema } from './options.ts'
import { inspectScript } from './scripts/inspect.ts'
import { readFacts } from './state/facts.ts'
import { stateOf } from './state/state.ts'
import { fetchTask } from './tasks/fetch.ts'
import { pruneTask, recordTask } from './tasks/finish.ts'
import { linkTask } from './tasks/link.ts'
import { pushTask } from './tasks/push.ts'
import { resolveTask } from './tasks/resolve.ts'
import { selectTask } from './tasks/select.ts'
import { switchTask } from './tasks/switch.ts'

/**
 * Deploys native instances from git: each version in a folder of its own, and a link that is switched by a rename.
 *
 * @example plugins: [git({ source: 'push', keep: 3 })]
 */
export const git = definePlugin({
  id: 'git',
  options: optionsSchema,
  settings: settingsSchema,
  setup: ({ task }) => ({
    tasks: {
      resolve: resolveTask(task),
      push: pushTask(task),
      fetch: fetchTask(task),
      link: linkTask(task),
      switch: switchTask(task),
      record: recordTask(task),
      prune: pruneTask(task),
      select: selectTask(task),
    },
    checks,
    inspect: {
      kinds: ['native'],
      probe: (placement) => inspectScript(layoutOf(placement)),
      read: ({ stdout }, placement) => stateOf(readFacts(stdout), layoutOf(placement).current),
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
  }),
})
