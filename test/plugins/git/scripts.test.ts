import { readdir, readFile, readlink, rm, stat, symlink, writeFile, mkdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { bench } from './bench.ts'
import { commit, folder, git, shells, write } from './machine.ts'

const deploy = ['fetch', 'link', 'switch', 'record', 'prune'] as const

async function repository(): Promise<{ readonly url: string; readonly first: string; readonly second: string }> {
  const url = await folder()
  const first = await commit(url, 'The "first"\\one', {
    'page.html': 'one',
    'app/main.js': 'main',
    'run.sh': '#!/bin/sh',
  })
  const second = await commit(url, 'The second', { 'page.html': 'two' })
  return { url, first, second }
}

const timeless = (state: object): unknown =>
  JSON.parse(JSON.stringify(state).replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'then'))

describe.each(shells)('on a host with %s', { timeout: 60_000 }, (shell) => {
  test('deploys two commits, shows what serves, and goes back', async () => {
    const { url, first, second } = await repository()
    const host = await bench(shell, { instance: { repository: url }, settings: { source: 'remote' } })
    expect(await host.inspect()).toEqual({ releases: [], drift: [], directory: `${host.instance}/current` })
    const [one, two] = [host.next(1, first), host.next(2, second)]

    await host.all(deploy, { next: one })
    await host.all(['fetch', 'link', 'switch'], { next: two })
    const began = await host.inspect()
    expect(began.digest).toBeUndefined()
    expect(began.drift).toEqual([`the run that deployed ${two.release.id} did not finish`])

    await host.all(['record', 'prune'], { next: two })
    expect(await readFile(`${host.instance}/current/page.html`, 'utf8')).toBe('two')
    expect(await readFile(`${host.instance}/current/REVISION`, 'utf8')).toBe(`${second}\n`)
    expect(await readlink(`${host.instance}/current`)).toBe(`releases/${two.release.id}`)
    expect((await readdir(host.instance)).sort()).toEqual(['current', 'releases', 'repo'])
    expect(((await stat(`${host.root}/blog/.srv`)).mode & 0o777).toString(8)).toBe('700')
    const common = { ref: 'main', since: 'then', by: 'me@laptop' }
    const newer = { ...common, id: two.release.id, commit: second, subject: 'The second' }
    const older = { ...common, id: one.release.id, commit: first, subject: 'The "first"\\one' }
    expect(timeless(await host.inspect())).toEqual({
      release: newer,
      releases: [newer, older],
      drift: [],
      directory: `${host.instance}/current`,
      details: { newest: two.release.id },
      digest: 'digest 2',
    })

    expect(await host.undo('switch', { next: two })).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await host.undo('fetch', { next: two })).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(timeless(await host.inspect())).toEqual({
      release: older,
      releases: [older],
      drift: [],
      directory: `${host.instance}/current`,
      details: { newest: one.release.id },
      digest: 'digest 1',
    })
    expect(await readdir(`${host.instance}/releases`)).toEqual([one.release.id])
  })

  test('takes a release whose run never came to its end for one that never served', async () => {
    const { url, first } = await repository()
    const host = await bench(shell, { instance: { repository: url }, settings: { source: 'remote', keep: 1 } })
    const [one, half, two] = [host.next(1, first), host.next(2, first), host.next(3, first)]
    await host.all(deploy, { next: one })
    await host.all(['fetch', 'link', 'switch'], { next: half })
    const served = async (): Promise<readonly string[]> =>
      ((await host.inspect()).releases ?? []).flatMap(({ id, since }) => (since === undefined ? [] : [id]))
    expect(await served()).toEqual([half.release.id, one.release.id])
    await host.all(['fetch', 'link', 'switch', 'record'], { next: two })
    expect(await served()).toEqual([two.release.id, one.release.id])
    await host.all(['prune'], { next: two })
    expect((await host.inspect()).releases?.map(({ id }) => id)).toEqual([two.release.id, one.release.id])
  })

  test('takes the first release away again when there was none before', async () => {
    const { url, first } = await repository()
    const host = await bench(shell, { instance: { repository: url }, settings: { source: 'remote' } })
    const next = host.next(1, first)
    await host.all(['fetch', 'link', 'switch'], { next })
    expect((await host.undo('fetch', { next })).stderr).toBe(
      `${host.instance}/releases/${next.release.id} still serves: it was not removed.\n`,
    )
    await host.undo('switch', { next })
    await host.undo('switch', { next })
    await host.undo('fetch', { next })
    expect(await host.inspect()).toEqual({ releases: [], drift: [], directory: `${host.instance}/current` })
    expect(await readdir(`${host.instance}/releases`)).toEqual([])
  })

  test('keeps the newest releases, the one before, and everything that is not its own', async () => {
    const { url, first } = await repository()
    const host = await bench(shell, { instance: { repository: url }, settings: { source: 'remote', keep: 1 } })
    for (const number of [1, 2, 3, 4])
      await host.all(['fetch', 'link', 'switch', 'record'], { next: host.next(number, first) })
    const releases = `${host.instance}/releases`
    await mkdir(`${releases}/by hand`)
    await mkdir(`${releases}/20200101T000000Z-aaaaaaa`)
    await mkdir(`${releases}/.srv-old.tmp`)
    await mkdir(`${releases}/.srv-new.tmp`)
    await host.shell(`touch -t 202001010000 '${releases.replaceAll("'", `'\\''`)}/.srv-old.tmp'`)
    await host.all(['switch', 'record'], { next: host.next(2, first) })
    const answer = await host.run('prune', { next: host.next(2, first) })
    expect(answer).toEqual({ code: 0, stdout: 'removed 1\n', stderr: '' })
    const id = (number: number): string => host.next(number, first).release.id
    expect((await readdir(releases)).sort()).toEqual([
      '.srv-new.tmp',
      '20200101T000000Z-aaaaaaa',
      id(1),
      id(2),
      id(4),
      'by hand',
    ])
    expect((await host.inspect()).releases?.map((release) => release.id)).toEqual([id(4), id(2), id(1)])
    const refs = await git(`${host.instance}/repo`, 'for-each-ref', '--format=%(refname)')
    expect(refs.split('\n')).toEqual([id(1), id(2), id(4)].map((one) => `refs/srv/releases/${one}`))
  })

  test('links shared paths to data, with what the release brings', async () => {
    const url = await folder()
    const only = await commit(url, 'One', {
      'uploads/hello.txt': 'hello',
      'storage/db.sqlite': 'seed',
      'a b/c/keep': '',
    })
    const settings = { source: 'remote', shared: ['uploads', 'storage/db.sqlite', "a b/c's", 'logs/', 'run/app.sock'] }
    const host = await bench(shell, { instance: { repository: url }, settings })
    const data = `${host.root}/blog/data`
    await write(data, { 'storage/db.sqlite': 'real' })
    await host.all(deploy, { next: host.next(1, only) })
    await host.all(deploy, { next: host.next(2, only) })
    const current = `${host.instance}/current`
    for (const path of ['uploads', 'storage/db.sqlite', "a b/c's", 'logs', 'run/app.sock']) {
      expect(await readlink(`${current}/${path}`)).toBe(`${data}/${path}`)
    }
    expect(await readFile(`${data}/uploads/hello.txt`, 'utf8')).toBe('hello')
    expect(await readFile(`${data}/storage/db.sqlite`, 'utf8')).toBe('real')
    expect((await readdir(data)).sort()).toEqual(['a b', 'logs', 'run', 'storage', 'uploads'])
    expect(await readdir(`${data}/run`)).toEqual([])
  })

  test('shares nothing through a link that the repository brings', async () => {
    const url = await folder()
    const outside = await folder()
    await write(outside, { 'secret/file': 'here' })
    await symlink(outside, `${url}/away`)
    const only = await commit(url, 'One', {})
    const settings = { source: 'remote', shared: ['away/secret'] }
    const host = await bench(shell, { instance: { repository: url }, settings })
    const next = host.next(1, only)
    await host.all(['fetch'], { next })
    expect(await host.run('link', { next })).toEqual({
      code: 1,
      stdout: '',
      stderr: `${next.folder}/away is a link in the repository: nothing below it can be shared.\n`,
    })
    expect(await readFile(`${outside}/secret/file`, 'utf8')).toBe('here')
  })

  test('exports one folder of a larger repository, and says when there is none', async () => {
    const { url, first } = await repository()
    const host = await bench(shell, { instance: { repository: url } })
    const next = host.next(1, first)
    await host.all(['fetch'], { next, settings: { source: 'remote', path: 'app' } })
    expect((await readdir(next.folder)).sort()).toEqual(['REVISION', 'main.js'])
    const wrong = host.next(2, first)
    const answer = await host.run('fetch', { next: wrong, settings: { source: 'remote', path: "ap'p" } })
    expect(answer.stderr).toBe(`There is no folder ap'p in the commit ${first}.\n`)
    expect(answer.code).toBe(1)
    expect(await readdir(`${host.instance}/releases`)).toEqual([next.release.id])
  })

  test('needs no network for a commit that is there, and says what it could not fetch', async () => {
    const { url, first } = await repository()
    const host = await bench(shell, { instance: { repository: url }, settings: { source: 'remote' } })
    await host.all(['fetch'], { next: host.next(1, first) })
    await rm(url, { recursive: true })
    await host.all(['fetch'], { next: host.next(2, first) })
    await host.all(['fetch'], { next: host.next(2, first) })
    const gone = await host.run('fetch', { next: host.next(3, '1'.repeat(40)) })
    expect(gone.code).toBe(1)
    expect(gone.stderr).toContain(`'${url}' does not appear to be a git repository`)
    expect((await readdir(`${host.instance}/releases`)).length).toBe(2)
  })

  test('fetches all branches from a server that hands out only their tips', async () => {
    const { url, first, second } = await repository()
    const host = await bench(shell, { instance: { repository: url }, settings: { source: 'remote' } })
    await host.all(['fetch'], { next: host.next(1, second) })
    await git(`${host.instance}/repo`, 'config', 'protocol.version', '0')
    await host.all(['fetch'], { next: host.next(2, first) })
    expect(await readFile(`${host.next(2, first).folder}/page.html`, 'utf8')).toBe('one')
  })

  test('says that no branch leads to a commit', async () => {
    const { url } = await repository()
    const host = await bench(shell, { instance: { repository: url }, settings: { source: 'remote' } })
    const missing = '1'.repeat(40)
    const answer = await host.run('fetch', { next: host.next(1, missing) })
    expect(answer).toEqual({
      code: 1,
      stdout: '',
      stderr: `No branch or tag of ${url} contains the commit ${missing}.\n`,
    })
  })

  test('refuses a current that is a folder, and restores a link that it did not make', async () => {
    const { url, first } = await repository()
    const host = await bench(shell, { instance: { repository: url }, settings: { source: 'remote' } })
    const next = host.next(1, first)
    const current = `${host.instance}/current`
    await host.all(['fetch'], { next })
    await mkdir(current)
    expect((await host.run('switch', { next })).stderr).toBe(`${current} is not a link: move it away.\n`)
    expect((await host.inspect()).drift).toEqual(['current is a folder, not a link'])
    await rm(current, { recursive: true })
    await symlink(url, current)
    expect((await host.inspect()).drift).toEqual([`current points to ${url}, which srv did not create`])
    await host.all(['switch', 'record'], { next })
    expect((await host.inspect()).drift).toEqual([])
    await host.undo('switch', { next })
    expect(await readlink(current)).toBe(url)
  })

  test('tells when the release was changed by hand', async () => {
    const { url, first, second } = await repository()
    const host = await bench(shell, { instance: { repository: url }, settings: { source: 'remote' } })
    const [one, two] = [host.next(1, first), host.next(2, second)]
    await host.all(deploy, { next: one })
    await host.all(deploy, { next: two })
    await writeFile(`${two.folder}/REVISION`, 'other\n')
    expect((await host.inspect()).drift).toEqual([`REVISION says other, but ${two.release.id} is the commit ${second}`])
    await rm(`${host.instance}/current`)
    expect((await host.inspect()).drift).toEqual([`current is gone: the last release was ${two.release.id}`])
    await symlink(`releases/${one.release.id}`, `${host.instance}/current`)
    expect((await host.inspect()).drift).toEqual([`current was switched by hand: srv had deployed ${two.release.id}`])
    await rm(one.folder, { recursive: true })
    expect((await host.inspect()).drift).toEqual([`current points to releases/${one.release.id}, which does not exist`])
  })
})
