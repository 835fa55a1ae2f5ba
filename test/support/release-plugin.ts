import type { PluginOfRun } from '../../src/run/plugin-of-run.ts'
import { defineTask } from '../../src/plugin/define.ts'
import { raw, sh } from '../../src/shell/script.ts'

/**
 * The smallest thing that deploys: the file `serving` in the folder of a host holds the release that serves. It runs
 * unless there is a file `down`; where nothing was deployed, if there is a file `by-hand`.
 */
export const releasePlugin: PluginOfRun = {
  name: 'rel',
  options: {},
  checks: [],
  inspect: {
    probe: () => raw('cat serving 2>/dev/null || [ -e by-hand ] || exit 1; [ ! -e down ]'),
    read: ({ code, stdout }) => ({
      running: code === 0 ? 'yes' : 'no',
      ...(stdout.trim() === '' ? {} : { release: { id: stdout.trim() }, digest: `digest of ${stdout.trim()}` }),
    }),
  },
}

/** Chooses release `new` everywhere. */
export const choose = defineTask({
  title: 'Choose',
  on: 'once',
  run(context) {
    for (const one of context.placements) {
      context.choose(one, { release: { id: 'new' }, folder: '/f', directory: '/d', digest: 'digest of new' })
    }
  },
})

/** Puts the chosen release in place; its undo puts back what the host said before. */
export const switchOver = defineTask({
  title: 'Switch',
  on: 'instance',
  activates: true,
  script: ({ next }) => sh`echo ${next?.release.id ?? 'nothing'} >serving`,
  undo: ({ state }) => (state.release === undefined ? raw('rm -f serving') : sh`echo ${state.release.id} >serving`),
})
