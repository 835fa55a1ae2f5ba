import { srvError, type TaskMaker } from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import { siteOf } from '../scripts/prologue.ts'
import { regainScript } from '../scripts/regain.ts'
import { goneFrom } from '../state/details.ts'

/** Pulls images of the release that a rollback goes to, where somebody removed them and a registry may have them, before anything is touched. */
export function regainTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Pull images that are gone',
    on: 'instance',
    kinds: ['docker'],
    skip: ({ next, state }) =>
      next === undefined || goneFrom(state, next.release.id).length === 0 ? 'its images are there' : undefined,
    describe: ({ next, state }) =>
      `pull ${goneFrom(state, next?.release.id ?? '')
        .map(({ image, names }) => names[0] ?? image)
        .join(', ')}`,
    script({ next, state, settings, ...placed }) {
      const id = next?.release.id
      return id === undefined ? undefined : regainScript(siteOf(placed, settings), id, goneFrom(state, id))
    },
    explain({ stdout, stderr }, { next, instance, host }) {
      const [, name] = /^gone \S+ (\S+)$/m.exec(stdout) ?? []
      if (name === undefined) return undefined
      const problem = stderr.trim().split('\n').at(-1) ?? ''
      const facts = { instance: instance.id, host: host.name, release: next?.release.id ?? '', name, problem }
      return srvError('SRV-625', facts, { output: stderr.trim().split('\n').slice(-20) })
    },
  })
}
