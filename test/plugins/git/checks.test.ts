import { chown, mkdir, symlink, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { git as plugin } from '../../../plugins/git/index.ts'
import type { Answer } from '../../../src/index.ts'
import { askCheck, setUp, type Situation } from '../../../src/testing.ts'
import { folder, git, shellOf, shells } from './machine.ts'

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
      'no checkout in the way': true,
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
      problem: `${instance}/current exists and is not a link, so releases cannot be switched`,
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

test('says what to do about a checkout that somebody else owns, or that is in the way', async () => {
  const place = '/srv/blog/instances/native'
  const inPlace: Situation = { settings: { strategy: 'in-place' } }
  expect(await askCheck(plugin(), 'owner of the checkout', inPlace, answer('deploy\n', 1))).toEqual({
    ok: false,
    problem: `git refuses ${place}, because its owner is not deploy`,
    fix: `On the host, as root: chown -R deploy ${place}; or, as deploy: git config --global --add safe.directory ${place}`,
  })
  expect(await askCheck(plugin(), 'no checkout in the way', inPlace, answer('', 1))).toBeUndefined()
  expect(await askCheck(plugin(), 'owner of the checkout', {}, answer('', 1))).toBeUndefined()
  expect(await askCheck(plugin(), 'no checkout in the way', {}, answer('', 1))).toEqual({
    ok: false,
    problem: `${place} is a checkout, but the strategy is to keep a folder for each release`,
    fix: `Set \`git: { strategy: 'in-place' }\`, or move it away: mv ${place} ${place}.old`,
  })
})

test.runIf(process.getuid?.() === 0)('asks git itself whether it takes the checkout', async () => {
  const root = await folder()
  const situation = { host: { name: 'web1', root }, settings: { strategy: 'in-place' } }
  const checkout = `${root}/blog/instances/native`
  await mkdir(checkout, { recursive: true })
  await git(checkout, 'init', '--quiet')
  const ask = async (): Promise<boolean | undefined> =>
    (await askCheck(plugin(), 'owner of the checkout', situation, await shellOf('/bin/sh')))?.ok
  expect(await ask()).toBe(true)
  await chown(checkout, 65_534, 65_534)
  await chown(`${checkout}/.git`, 65_534, 65_534)
  expect(await ask()).toBe(false)
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
        "fix": "Free some space on the host, or keep fewer releases: \`git({ keep: 3 })\`.",
        "ok": false,
        "problem": "/srv/blog has only 9 MiB left on its disk",
      },
      {
        "fix": "Free some space on the host, or keep fewer releases: \`git({ keep: 3 })\`.",
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
  type Source = 'remote' | 'push' | 'files' | 'none'
  const ask = (repository: string | undefined, source?: Source, option?: Source) =>
    askCheck(
      plugin({ source: option }),
      'ssh for git',
      { instance: repository === undefined ? {} : { repository }, settings: { source } },
      answer('/usr/bin/ssh'),
    )
  const there = { ok: true, found: '/usr/bin/ssh' }
  expect(await ask('git@github.com:me/blog.git')).toEqual(there)
  expect(await ask('ssh://host/x')).toEqual(there)
  expect(await ask('ssh://host/x', 'remote', 'push')).toEqual(there)
  expect(await ask('https://host/x')).toBeUndefined()
  for (const source of ['push', 'files', 'none'] as const) {
    expect(await ask('git@github.com:me/blog.git', source)).toBeUndefined()
    expect(await ask('git@github.com:me/blog.git', undefined, source)).toBeUndefined()
  }
  expect(await ask(undefined)).toBeUndefined()
  expect(await ask(undefined, 'remote')).toBeUndefined()
})
