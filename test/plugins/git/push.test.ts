import { chmod, readFile } from 'node:fs/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { git as plugin } from '../../../plugins/git/index.ts'
import { render } from '../../../src/shell/script.ts'
import { runTask, type Situation, type TaskRun } from '../../../src/testing.ts'
import { openLocal } from '../../../src/transport/local.ts'
import { relay } from '../../../src/transport/relay.ts'
import type { Relay } from '../../../src/transport/relay.ts'
import type { ExecResult } from '../../../src/index.ts'
import { bench, type Bench } from './bench.ts'
import { commit, folder, git, write } from './machine.ts'

/** Pushes for real, into a folder of this machine that stands for a host. */
async function push(host: Bench, situation: Situation): Promise<TaskRun> {
  const transport = openLocal()
  onTestFinished(() => transport.close())
  const over = ({ before, ...rest }: Relay): Promise<ExecResult> =>
    relay(transport, before === undefined ? rest : { ...rest, before: render(before, ({ name }) => name) })
  return runTask(plugin(), 'push', { ...situation, host: { name: 'web1', root: host.root }, relay: over })
}

vi.setConfig({ testTimeout: 60_000 })

test('sends a commit of a repository without any remote, and sends it once', async () => {
  const projectRoot = await folder()
  const first = await commit(projectRoot, 'One', { 'page.html': 'one' })
  const host = await bench('/bin/sh', { projectRoot })
  const next = host.next(1, first)
  const run = await push(host, { projectRoot, next })
  expect(run.error).toBeUndefined()
  expect(run.relays.map(({ argv, cwd, shellVariable }) => ({ argv, cwd, shellVariable }))).toEqual([
    {
      argv: [
        'git',
        'push',
        '--quiet',
        '--no-verify',
        '--no-signed',
        '--no-follow-tags',
        '--recurse-submodules=no',
        `srv:${host.instance}/repo`,
        `${first}:refs/srv/releases/${next.release.id}`,
      ],
      cwd: projectRoot,
      shellVariable: 'GIT_SSH_COMMAND',
    },
  ])
  await host.all(['fetch', 'link', 'switch', 'record'], { next })
  expect(await readFile(`${host.instance}/current/page.html`, 'utf8')).toBe('one')

  const { releases = [] } = await host.inspect()
  const again = await runTask(plugin(), 'push', { projectRoot, next: host.next(2, first), state: { releases } })
  expect([again.skipped, again.relays]).toEqual(['the host has the commit', []])
})

test('sends what a shallow clone has, and then what a deeper one has', async () => {
  const origin = await folder()
  const first = await commit(origin, 'One', { 'page.html': 'one' })
  const second = await commit(origin, 'Two', { 'page.html': 'two' })
  const projectRoot = `${await folder()}/clone`
  await git(origin, 'clone', '--quiet', '--depth=1', `file://${origin}`, projectRoot)
  const host = await bench('/bin/sh', { projectRoot })
  expect((await push(host, { projectRoot, next: host.next(1, second) })).error).toBeUndefined()
  await host.all(['fetch'], { next: host.next(1, second) })
  await git(projectRoot, 'fetch', '--quiet', '--unshallow')
  expect((await push(host, { projectRoot, next: host.next(2, first) })).error).toBeUndefined()
  await host.all(['fetch'], { next: host.next(2, first) })
  expect(await readFile(`${host.next(2, first).folder}/page.html`, 'utf8')).toBe('one')

  const third = await commit(projectRoot, 'Three', { 'page.html': 'three' })
  const after = await push(host, { projectRoot, next: host.next(3, third) })
  expect([after.error, after.relays.length]).toEqual([undefined, 1])
  expect((await host.undo('fetch', { next: host.next(2, first) })).stderr).toBe('')
  expect((await git(`${host.instance}/repo`, 'for-each-ref', '--format=%(objectname)')).split('\n')).toEqual([
    second,
    third,
  ])
})

test('says what git said when a push fails', async () => {
  const projectRoot = await folder()
  const first = await commit(projectRoot, 'One', {})
  const host = await bench('/bin/sh', { projectRoot })
  await push(host, { projectRoot, next: host.next(1, first) })
  const hook = `${host.instance}/repo/hooks/pre-receive`
  await write(`${host.instance}/repo`, { 'hooks/pre-receive': '#!/bin/sh\necho the disk is full\nexit 1\n' })
  await chmod(hook, 0o755)
  expect((await push(host, { projectRoot, next: host.next(2, first) })).error).toMatchObject({
    code: 'SRV-531',
    message: 'git push to blog/native@web1 failed: the disk is full. What serves there was not touched.',
  })
})

test('leaves to the host what the host fetches', async () => {
  const next = (await bench('/bin/sh', {})).next(1, '1'.repeat(40))
  const instance = { repository: 'git@github.com:me/blog.git' }
  expect((await runTask(plugin(), 'push', { instance, next })).skipped).toBe('the host fetches it')
  expect((await runTask(plugin(), 'push', { instance, next, settings: { source: 'remote' } })).skipped).toBe(
    'it does not apply',
  )
})

test('sends into a checkout past its hooks, and leaves its config alone', async () => {
  const projectRoot = await folder()
  const first = await commit(projectRoot, 'One', { 'page.html': 'one' })
  const settings = { strategy: 'in-place' }
  const host = await bench('/bin/sh', { projectRoot, settings })
  await git(projectRoot, 'clone', '--quiet', projectRoot, host.instance)
  await write(host.instance, { '.git/hooks/pre-receive': '#!/bin/sh\nexit 1\n' })
  await chmod(`${host.instance}/.git/hooks/pre-receive`, 0o755)
  const config = await readFile(`${host.instance}/.git/config`, 'utf8')
  const second = await commit(projectRoot, 'Two', { 'page.html': 'two' })
  const next = { ...host.next(2, second), folder: host.instance, directory: host.instance }
  const run = await push(host, { projectRoot, next, settings })
  expect(run.error).toBeUndefined()
  expect(run.relays.map(({ argv }) => argv.slice(-3))).toEqual([
    [
      '--receive-pack=git -c core.hooksPath=/dev/null -c receive.shallowUpdate=true -c gc.auto=0 receive-pack',
      `srv:${host.instance}/.git`,
      `${second}:refs/srv/releases/${next.release.id}`,
    ],
  ])
  expect(await readFile(`${host.instance}/page.html`, 'utf8')).toBe('one')
  await host.all(['fetch', 'switch', 'record'], { next, settings })
  expect(await readFile(`${host.instance}/page.html`, 'utf8')).toBe('two')
  expect(await git(host.instance, 'rev-parse', 'main', 'origin/main')).toBe(`${second}\n${first}`)
  expect(await readFile(`${host.instance}/.git/config`, 'utf8')).toBe(config)
  const again = await runTask(plugin(), 'push', { projectRoot, next, settings, state: await host.inspect() })
  expect(again.skipped).toBe('the host has the commit')
})

test('sends all of it to a shallow checkout', async () => {
  const projectRoot = await folder()
  const first = await commit(projectRoot, 'One', { 'page.html': 'one' })
  const second = await commit(projectRoot, 'Two', { 'page.html': 'two' })
  const settings = { strategy: 'in-place', reset: true }
  const host = await bench('/bin/sh', { projectRoot, settings })
  await git(projectRoot, 'clone', '--quiet', '--depth=1', `file://${projectRoot}`, host.instance)
  const next = { ...host.next(1, first), folder: host.instance, directory: host.instance }
  const state = await host.inspect()
  expect((await push(host, { projectRoot, next, settings })).error).toBeUndefined()
  await host.all(['fetch', 'switch', 'record'], { next, settings, state })
  expect(await git(host.instance, 'rev-parse', 'HEAD')).toBe(first)
  expect((await host.inspect()).releases?.map((release) => release.commit)).toEqual([second, first])
})
