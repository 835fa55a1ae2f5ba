import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { git as plugin } from '../../../plugins/git/index.ts'
import type { Answer } from '../../../src/index.ts'
import { askCheck, setUp, type Situation } from '../../../src/testing.ts'
import { folder, shellOf, shells } from './machine.ts'

const answer =
  (stdout: string, code = 0) =>
  (): Answer => ({ code, stdout, stderr: '' })

describe.each(shells)('asked with %s', { timeout: 60_000 }, (shell) => {
  test('finds a host in order before anything was deployed', async () => {
    const respond = await shellOf(shell)
    const root = await folder()
    const { parts } = await setUp(plugin())
    const situation: Situation = { host: { name: 'web1', root }, instance: { repository: 'https://example.org/x.git' } }
    const verdicts = await Promise.all(
      (parts.checks ?? []).map(async ({ title }) => [title, (await askCheck(plugin(), title, situation, respond))?.ok]),
    )
    expect(Object.fromEntries(verdicts)).toEqual({
      git: true,
      tar: true,
      'https for git': true,
      'write permission': true,
      'current is a link': true,
      'free space': true,
    })
  })

  test('finds a current that is a folder, and a file where a folder has to be', async () => {
    const respond = await shellOf(shell)
    const root = await folder()
    const situation = { host: { name: 'web1', root } }
    const instance = `${root}/blog/instances/native`
    await mkdir(`${instance}/current`, { recursive: true })
    expect(await askCheck(plugin(), 'current is a link', situation, respond)).toEqual({
      ok: false,
      problem: `${instance}/current is there and is not a link, so releases cannot be switched`,
      fix: `Move it away: mv ${instance}/current ${instance}/current.old`,
    })
    await writeFile(`${instance}/releases`, '')
    expect(await askCheck(plugin(), 'write permission', situation, respond)).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/ may not write to .*\/releases$/),
    })
  })

  test('takes a current that leads nowhere for a link', async () => {
    const respond = await shellOf(shell)
    const root = await folder()
    await mkdir(`${root}/blog/instances/native`, { recursive: true })
    await symlink('nowhere', `${root}/blog/instances/native/current`)
    expect(await askCheck(plugin(), 'current is a link', { host: { name: 'web1', root } }, respond)).toEqual({
      ok: true,
    })
  })
})

test('says what to do about a host that is not ready', async () => {
  const ask = (title: string, respond: () => Answer) => askCheck(plugin(), title, {}, respond)
  expect([
    await ask('git', answer('', 127)),
    await ask('write permission', answer('deploy\n/srv\n', 1)),
    await ask('free space', answer('/dev/sda1 1000000 990000 10000 99% /\n')),
    await ask('free space', answer('/dev/sda1 1000000 1 999999 1% /\n/dev/sda1 65536 65000 536 99% /\n')),
    await ask('free space', answer('/dev/sda1 1000000 1 999999 1% /\n/dev/sda1 0 0 0 - /\n')),
  ]).toMatchInlineSnapshot(`
    [
      {
        "fix": "Install the package git on the host.",
        "ok": false,
        "problem": "git is not installed",
      },
      {
        "fix": "On the host, as root: mkdir -p /srv/blog && chown -R deploy /srv/blog",
        "ok": false,
        "problem": "deploy may not write to /srv",
      },
      {
        "fix": "Free some space on the host, or let fewer releases stay: \`git({ keep: 3 })\`.",
        "ok": false,
        "problem": "/srv/blog has only 9 MiB left on its disk",
      },
      {
        "fix": "Free some space on the host, or let fewer releases stay: \`git({ keep: 3 })\`.",
        "ok": false,
        "problem": "the disk of /srv/blog has room for only 536 more files",
      },
      {
        "found": "976 MiB",
        "ok": true,
      },
    ]
  `)
})

test('asks for ssh only where a host fetches over it', async () => {
  const ask = (repository: string, source?: 'push') =>
    askCheck(plugin(), 'ssh for git', { instance: { repository }, settings: { source } }, answer('/usr/bin/ssh'))
  expect(await ask('git@github.com:me/blog.git')).toEqual({ ok: true, found: '/usr/bin/ssh' })
  expect(await ask('ssh://host/x')).toEqual({ ok: true, found: '/usr/bin/ssh' })
  expect(await ask('https://host/x')).toBeUndefined()
  expect(await ask('git@github.com:me/blog.git', 'push')).toBeUndefined()
})
