import { defineTask, lines } from '../src/index.ts'
import { locate, siteOf } from './host/site.ts'
import { describeStart } from './supervisor/describe.ts'
import { stopScript } from './supervisor/supervise.ts'

/** Stops what runs; a systemd unit stays enabled and starts again when the host boots. */
export const stop = defineTask({
  title: 'Stop',
  on: 'instance',
  activates: true,
  stops: true,
  applies: ({ instance }) => instance.start !== undefined,
  describe: ({ instance }) => describeStart('stop', instance),
  script(context) {
    const supervisor = context.instance.start
    if (supervisor === undefined) return undefined
    const site = siteOf(context)
    return lines(locate(site), stopScript(site, supervisor))
  },
})
