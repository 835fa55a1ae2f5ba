import { definePlugin } from '../../src/index.ts'
import { checks } from './checks.ts'
import { hold } from './hold.ts'
import { optionsSchema, settingsSchema } from './options.ts'
import { exec, logs, ps } from './queries.ts'
import { refuse } from './refuse.ts'
import { roleOf } from './place.ts'
import { rehearse } from './rehearse.ts'
import { inspectScript } from './scripts/inspect.ts'
import { siteOf } from './scripts/prologue.ts'
import { readFacts } from './state/facts.ts'
import { stateOf } from './state/state.ts'
import { aimTask, evenTask } from './tasks/aim.ts'
import { buildTask, freezeTask, lookTask, renderTask } from './tasks/build.ts'
import { collectTask, getTask, packTask, spreadTask } from './tasks/images.ts'
import { pruneTask } from './tasks/finish.ts'
import { regainTask } from './tasks/regain.ts'
import { scaleTask } from './tasks/scale.ts'
import { upTask } from './tasks/up.ts'
import { restartTask, startTask, stopTask } from './tasks/verbs.ts'

/**
 * Deploys docker instances: each compose project as a unit, from a frozen model, watched until it is healthy, and brought
 * back if it is not. The code comes through `git()`, from a repository or as files.
 *
 * @example plugins: [git(), dockerCompose({ monitorMs: 20_000 })]
 */
export const dockerCompose = definePlugin({
  id: 'compose',
  needs: ['git'],
  options: optionsSchema,
  settings: settingsSchema,
  setup({ task, options }) {
    const aim = aimTask(task)
    const pack = packTask(task)
    const build = buildTask(task)
    const collect = collectTask(task, aim)
    const spread = spreadTask(task, pack, build, aim)
    return {
      tasks: {
        look: lookTask(task),
        render: renderTask(task),
        build,
        collect,
        pack,
        spread,
        get: getTask(task, spread),
        freeze: freezeTask(task, [collect, spread], aim),
        regain: regainTask(task),
        up: upTask(task),
        prune: pruneTask(task),
        restart: restartTask(task),
        start: startTask(task),
        stop: stopTask(task),
        scale: scaleTask(task),
        aim,
        even: evenTask(task, aim),
      },
      checks,
      refuse,
      inspect: {
        kinds: ['docker'],
        probe: (placement, settings) => inspectScript(siteOf(placement, settings)),
        read: ({ stdout }, placement, _settings, known) => stateOf(readFacts(stdout), known, roleOf(placement)),
      },
      queries: {
        kinds: ['docker'],
        logs: (placement, settings, asked) => logs(siteOf(placement, settings), asked),
        ps: (placement, settings) => ps(siteOf(placement, settings)),
        exec: (placement, settings, inside, words, given) => exec(siteOf(placement, settings), inside, words, given),
      },
      hold: hold(options),
      rehearse: rehearse(options),
      phases: {
        deploy: {
          resolve: ['aim', 'even', 'look'],
          build: ['render', 'build', 'collect', 'pack', 'spread', 'get', 'freeze'],
          start: ['up'],
          finish: ['prune'],
        },
        rollback: { resolve: ['aim', 'regain'], start: ['up'] },
        restart: ['restart'],
        start: ['start'],
        stop: ['stop'],
        scale: ['scale'],
      },
    }
  },
})
