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
