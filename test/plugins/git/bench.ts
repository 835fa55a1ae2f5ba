import { git as plugin } from '../../../plugins/git/index.ts'
import type { Answer, InstanceState, NextRelease } from '../../../src/index.ts'
import { inspectWith, scriptOf, undoOf, type Situation } from '../../../src/testing.ts'
import { folder, shellOf, type Machine, type shells } from './machine.ts'

/** An instance on a host that is a folder, worked on by the plugin's own scripts in a real shell. */
export interface Bench {
  readonly root: string
  /** `instances/native` of the service. */
  readonly instance: string
  run(key: string, situation?: Situation): Promise<Answer>
  undo(key: string, situation?: Situation): Promise<Answer>
  inspect(): Promise<Partial<InstanceState>>
  /** The release with that number, of a commit. */
  next(number: number, commit: string): NextRelease
  /** Runs one script after another and refuses when one fails. */
  all(keys: readonly string[], situation: Situation): Promise<void>
  readonly shell: (script: string) => Promise<Answer>
}

/** Makes a host of a folder. */
export async function bench(
  shellName: (typeof shells)[number],
  base: Situation,
  machine: Machine = {},
): Promise<Bench> {
  const shell = await shellOf(shellName, machine)
  const root = await folder()
  const instance = `${root}/blog/instances/native`
  const situation = (more: Situation): Situation => ({ ...base, ...more, host: { name: 'web1', root } })
  const run = async (key: string, more: Situation = {}): Promise<Answer> =>
    shell(await scriptOf(plugin(), key, situation(more)))
  return {
    root,
    instance,
    shell,
    run,
    undo: async (key, more = {}) => shell(await undoOf(plugin(), key, situation(more))),
    inspect: () => inspectWith(plugin(), situation({}), shell),
    next(number, commit) {
      const id = `2026112${String(number)}T000000Z-${commit.slice(0, 7)}`
      return {
        release: { id, commit, ref: 'main' },
        folder: `${instance}/releases/${id}`,
        directory: `${instance}/current`,
        digest: `digest ${String(number)}`,
      }
    },
    async all(keys, more) {
      for (const key of keys) {
        const { code, stderr } = await run(key, more)
        if (code !== 0 || stderr !== '') throw new Error(`${key} ended with ${String(code)}: ${stderr}`)
      }
    },
  }
}
