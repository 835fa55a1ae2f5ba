import { readFile, readdir } from 'node:fs/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { git as plugin } from '../../../plugins/git/index.ts'
import { localGit } from '../../../plugins/git/resolve/local-git.ts'
import { resolveFiles } from '../../../plugins/git/resolve/files.ts'
import type { ExecResult } from '../../../src/index.ts'
import { render } from '../../../src/shell/script.ts'
import { runTask } from '../../../src/testing.ts'
import { openLocal } from '../../../src/transport/local.ts'
import { relay, type Relay } from '../../../src/transport/relay.ts'
import { bench } from './bench.ts'
import { folder, write } from './machine.ts'

vi.setConfig({ testTimeout: 60_000 })

const { ask } = localGit(new AbortController().signal)

test('the same files are the same commit, and a changed one is another', async () => {
  const [one, two, store] = [await folder(), await folder(), await folder()]
  const resolve = (from: string) =>
    resolveFiles(ask, { instance: 'shop/docker', folder: from, store: `${store}/s.git` })
  const files = { 'compose.yaml': 'services: {}', '.gitignore': '*.log\n', 'a.log': 'noise', '.srv/x': 'ours' }
  await write(one, files)
  await write(two, { ...files, 'a.log': 'other noise' })
  const [first, second] = [await resolve(one), await resolve(two)]
  expect(second.commit).toBe(first.commit)
  const names = await ask(`${store}/s.git`, ['ls-tree', '-r', '--name-only', first.commit])
  expect(names).toEqual({ ok: true, said: '.gitignore\ncompose.yaml' })
  await write(two, { 'compose.yaml': 'services: { web: {} }' })
  expect((await resolve(two)).commit).not.toBe(first.commit)
  expect((await readdir(`${store}/s.git`)).filter((name) => name.startsWith('index'))).toEqual([])
})

test('sends the files of a folder that is no repository, and makes a release of them', async () => {
  const projectRoot = await folder()
  await write(projectRoot, { 'shop/compose.yaml': 'services: {}', 'other.txt': 'not sent' })
  const host = await bench('/bin/sh', { projectRoot })
  const settings = { source: 'files', path: 'shop' }
  const { chosen, error } = await runTask(plugin(), 'resolve', { projectRoot, settings })
  expect(error).toBeUndefined()
  const commit = Object.values(chosen)[0]?.release.commit ?? ''
  const next = host.next(1, commit)
  const transport = openLocal()
  onTestFinished(() => transport.close())
  const over = ({ before, ...rest }: Relay): Promise<ExecResult> =>
    relay(transport, before === undefined ? rest : { ...rest, before: render(before, ({ name }) => name) })
  const situation = { projectRoot, next, settings }
  const pushed = await runTask(plugin(), 'push', { ...situation, host: { name: 'web1', root: host.root }, relay: over })
  expect(pushed.error).toBeUndefined()
  await host.all(['fetch', 'switch', 'record'], situation)
  expect(await readdir(`${host.instance}/current`)).toEqual(['REVISION', 'compose.yaml'])
  expect(await readFile(`${host.instance}/current/compose.yaml`, 'utf8')).toBe('services: {}')
})

test('says what is wrong with the folder', async () => {
  const projectRoot = await folder()
  const run = (situation: object) =>
    runTask(plugin({ source: 'files' }), 'resolve', { projectRoot, ...situation }).then(
      ({ error }) => (error as Error).message,
    )
  expect(await run({ settings: { path: 'nowhere' } })).toBe(
    `blog/native is deployed from the files in ${projectRoot}/nowhere, but there is no such folder. Nothing was changed.`,
  )
  expect(await run({ instance: { repository: 'https://example.org/x.git' } })).toBe(
    'blog/native is to be deployed from the files of a folder, but its repository https://example.org/x.git is a URL.',
  )
  expect(await run({ settings: { strategy: 'in-place' } })).toBe(
    'blog/native is deployed in place, and its `source` only has a meaning with a folder for each release.',
  )
})

test('makes an empty release of what has no code, the same one everywhere', async () => {
  const commits = await Promise.all(
    [await folder(), await folder()].map(async (projectRoot) => {
      const { chosen, error } = await runTask(plugin(), 'resolve', { projectRoot, settings: { source: 'none' } })
      expect(error).toBeUndefined()
      const { commit = '' } = Object.values(chosen)[0]?.release ?? {}
      const store = `${projectRoot}/.srv/files/none.git`
      expect(await ask(store, ['ls-tree', '-r', '--name-only', commit])).toEqual({ ok: true, said: '' })
      return commit
    }),
  )
  expect(commits[0]).toMatch(/^[0-9a-f]{40}$/)
  expect(commits[1]).toBe(commits[0])
  const inPlace = { source: 'none', strategy: 'in-place' }
  const { error } = await runTask(plugin(), 'resolve', { projectRoot: await folder(), settings: inPlace })
  expect(error).toMatchObject({ code: 'SRV-166' })
})
