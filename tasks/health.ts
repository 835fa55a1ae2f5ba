import { defineTask, type Instance } from '../src/index.ts'
import { gateScript, isWatchable, limitsOf } from './health/gate.ts'
import { siteOf } from './host/site.ts'

function describe(instance: Instance): string {
  const { samples, intervalMs, timeoutMs } = limitsOf(instance)
  const asked = instance.health.map((one) => {
    switch (one.kind) {
      case 'http':
        return `GET ${one.url}`
      case 'tcp':
        return `connect to ${one.address}`
      case 'command':
        return one.command
    }
  })
  const question = asked.length === 0 ? 'it runs' : asked.join(', ')
  return `${question}: ${samples} good answers in a row, ${intervalMs} ms apart, within ${timeoutMs / 1000} s`
}

/**
 * Waits until the instance proves that it serves. It ends at once when the app has ended, and shows the app's own last
 * lines. Run again after an undo, it proves that the previous release serves.
 */
export const health = defineTask({
  title: 'Check health',
  on: 'instance',
  changes: false,
  reapply: true,
  evenIfUnchanged: true,
  applies: ({ instance }) => isWatchable(instance),
  describe: ({ instance }) => describe(instance),
  // The first line says why; what follows is the app's own log.
  explain: ({ stderr }) => stderr.split('\n', 1)[0]?.trim() || undefined,
  script: (context) => gateScript(siteOf(context)),
})
