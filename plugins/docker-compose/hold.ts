import type { Hold } from '../../src/index.ts'
import { effective, type Options, type Settings } from './options.ts'
import { roleOf } from './place.ts'
import { becomeScript } from './scripts/become.ts'
import { holdScript, provesScript, resumeScript, wakeScript, whichScript } from './scripts/hold.ts'
import { siteOf } from './scripts/prologue.ts'

/** How compose projects are kept from writing to their data for a while: container by container, and never by recreating one. */
export const hold = (options: Options): Hold<Settings> => ({
  kinds: ['docker'],
  refuse: (placement) =>
    roleOf(placement) === 'alone' ? undefined : 'it runs in a swarm, which starts elsewhere what ends on one node',
  running: (placement, settings) => whichScript(siteOf(placement, settings)),
  hold: (placement, settings, how) => holdScript(siteOf(placement, settings), how),
  resume: (placement, settings) => resumeScript(siteOf(placement, settings)),
  proves: (placement, settings, how) => provesScript(siteOf(placement, settings), how, effective(options, settings)),
  become: (placement, settings, release) => becomeScript(siteOf(placement, settings), release),
  wake: (placement, settings, names) => wakeScript(siteOf(placement, settings), names),
})
