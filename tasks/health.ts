import {
  defineTask,
  type HoldMode,
  type Instance,
  type InstanceContext,
  type Placement,
  type Script,
} from '../src/index.ts'
import { gateScript, isWatchable, limitsOf } from './health/gate.ts'
import { siteOf } from './host/site.ts'

type About = Pick<InstanceContext, 'instance' | 'isUnchanged'>

function answersOf({ instance, isUnchanged }: About): string {
  const { samples, intervalMs, timeoutMs } = limitsOf(instance)
  const within = `within ${timeoutMs / 1000} s`
  if (isUnchanged) return `one good answer ${within}, since nothing changes`
  return `${samples} good answers in a row, ${intervalMs} ms apart, ${within}`
}

function questionOf(instance: Instance): string {
  const questions = instance.health.map((one) => {
    switch (one.kind) {
      case 'http':
        return `GET ${one.url}`
      case 'tcp':
        return `connect to ${one.address}`
      case 'command':
        return one.command
    }
  })
  return questions.length === 0 ? 'it runs' : questions.join(', ')
}

/**
 * Waits until the instance proves that it serves. It ends at once when the app has ended, and shows the app's own last
 * lines. Run again after an undo, it proves that the previous release serves. What served before the run and was not
 * touched is only looked at.
 */
export const health = defineTask({
  title: 'Check health',
  on: 'instance',
  changes: false,
  reapply: true,
  evenIfUnchanged: true,
  applies: ({ instance }) => isWatchable(instance),
  describe: (context) => `${questionOf(context.instance)}: ${answersOf(context)}`,
  // The first line says why; what follows is the app's own log.
  explain: ({ stderr }) => stderr.split('\n', 1)[0]?.trim() || undefined,
  script: (context) => gateScript(siteOf(context), context),
})

/** Checks an instance that was held and is back: one that was stopped as after a restart, one that was frozen with one good answer. */
export function healthAgain(placement: Placement, how: HoldMode): Script | undefined {
  return isWatchable(placement.instance) ? gateScript(placement, { isUnchanged: how === 'pause' }) : undefined
}
