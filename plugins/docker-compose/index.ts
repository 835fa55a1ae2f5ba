import { definePlugin } from '../../src/index.ts'
import { checks } from './checks.ts'
import { optionsSchema, settingsSchema } from './options.ts'
import { execScript, logsScript, psScript } from './scripts/ask.ts'
import { inspectScript } from './scripts/inspect.ts'
import { siteOf } from './scripts/prologue.ts'
import { readFacts } from './state/facts.ts'
import { stateOf } from './state/state.ts'
import { buildTask, freezeTask, renderTask } from './tasks/build.ts'
import { pruneTask } from './tasks/finish.ts'
import { upTask } from './tasks/up.ts'
import { restartTask, startTask, stopTask } from './tasks/verbs.ts'

/**
 * Deploys docker instances: compose projects as a unit, from a frozen model, watched until they are healthy, or brought
 * back. Their code comes with `git()`, from a repository or as files.
 *
 * @example plugins: [git(), dockerCompose({ monitorMs: 20_000 })]
 */
export const dockerCompose = definePlugin({
  id: 'compose',
  needs: ['git'],
  options: optionsSchema,
  settings: settingsSchema,
  setup({ task }) {
    return {
      tasks: {
        render: renderTask(task),
        build: buildTask(task),
        freeze: freezeTask(task),
        up: upTask(task),
        prune: pruneTask(task),
        restart: restartTask(task),
        start: startTask(task),
        stop: stopTask(task),
      },
      checks,
      inspect: {
        kinds: ['docker'],
        probe: (placement, settings) => inspectScript(siteOf(placement, settings)),
        read: ({ stdout }, _placement, _settings, known) => stateOf(readFacts(stdout), known),
      },
      queries: {
        kinds: ['docker'],
        logs: (placement, settings, asked) => logsScript(siteOf(placement, settings), asked),
        ps: (placement, settings) => psScript(siteOf(placement, settings)),
        exec: (placement, settings, inside, words) => execScript(siteOf(placement, settings), inside, words),
      },
      phases: {
        deploy: { build: ['render', 'build', 'freeze'], start: ['up'], finish: ['prune'] },
        rollback: { start: ['up'] },
        restart: ['restart'],
        start: ['start'],
        stop: ['stop'],
      },
    }
  },
})
