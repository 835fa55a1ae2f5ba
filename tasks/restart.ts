import { defineTask, lines, raw, writeVariables, type InstanceContext, type Script } from '../src/index.ts'
import { locate, makePrivate, siteOf } from './host/site.ts'
import { placeVariables, releaseVariables } from './host/variables.ts'
import { describeStart } from './supervisor/describe.ts'
import { restartScript, retireScript, startScript } from './supervisor/supervise.ts'

/**
 * Shell text that notes which release the app is about to run, in a file that the supervisor loads before the app's own
 * `.env`; the unit file stays the same from release to release.
 */
function noteRelease(context: InstanceContext): Script {
  const release = context.next?.release ?? context.state.release
  return lines(
    makePrivate,
    writeVariables('"$private/run.env"', [
      ...placeVariables(context),
      ...releaseVariables(context.environment, release),
    ]),
  )
}

function script(context: InstanceContext, verb: 'start' | 'restart'): Script | undefined {
  const supervisor = context.instance.start
  if (supervisor === undefined) return undefined
  const site = siteOf(context)
  return lines(
    locate(site),
    // When the very first deploy is undone there is no release to go back to, and what was started must not stay.
    raw('if [ ! -d "$directory" ]; then'),
    retireScript(site, supervisor),
    raw('echo "nothing is deployed: it stays stopped"'),
    raw('else'),
    noteRelease(context),
    verb === 'start' ? startScript(site, supervisor) : restartScript(site, supervisor),
    raw('fi'),
  )
}

/** Starts the release that is in place, ending what ran before. Run again after an undo, it brings the previous release back. */
export const restart = defineTask({
  title: 'Restart',
  on: 'instance',
  activates: true,
  reapply: true,
  applies: ({ instance }) => instance.start !== undefined,
  describe: ({ instance }) => describeStart('restart', instance),
  explain: ({ stderr }) => /^.* did not start: .*/.exec(stderr)?.[0],
  script: (context) => script(context, 'restart'),
})

/** Starts what is in place, unless it runs. */
export const start = defineTask({
  title: 'Start',
  on: 'instance',
  activates: true,
  applies: ({ instance }) => instance.start !== undefined,
  skip: ({ state }) => (state.running === 'yes' ? 'it is already running' : undefined),
  describe: ({ instance }) => describeStart('start', instance),
  explain: ({ stderr }) => /^.* did not start: .*/.exec(stderr)?.[0],
  script: (context) => script(context, 'start'),
})
