import { expect, test, vi } from 'vitest'
import { git as plugin } from '../../../plugins/git/index.ts'
import { refProblem } from '../../../plugins/git/resolve/ref.ts'
import type { InstanceState } from '../../../src/index.ts'
import { runTask, testPlacement, type Situation } from '../../../src/testing.ts'
import { commit, folder, git, write } from './machine.ts'

async function repository() {
  const url = await folder()
  const first = await commit(url, 'One', { 'app/main.js': '1', 'other/main.js': '1' })
  await git(url, 'tag', '--annotate', '--message=the first', 'v1')
  await git(url, 'branch', 'stable')
  const second = await commit(url, 'Two', { 'app/main.js': '2' })
  return { url, first, second }
}

async function resolved(situation: Situation) {
  const { chosen, error, progress } = await runTask(plugin(), 'resolve', situation)
  const { release } = chosen['blog/native@web1'] ?? {}
  return { commit: release?.commit, ref: release?.ref, error, progress }
}

vi.setConfig({ testTimeout: 60_000 })

test('asks a remote for its branch, tag or commit, and peels annotated tags', async () => {
  const { url, first, second } = await repository()
  const projectRoot = await folder()
  const ask = (ref?: string, own?: string) =>
    resolved({
      projectRoot,
      instance: { repository: `file://${url}`, ...(own === undefined ? {} : { ref: own }) },
      ...(ref === undefined ? {} : { flags: { ref } }),
    })
  expect(await ask()).toMatchObject({ commit: second, ref: 'main', progress: [`main is ${second.slice(0, 7)}`] })
  expect(await ask('v1')).toMatchObject({ commit: first, ref: 'v1' })
  expect(await ask('refs/tags/v1')).toMatchObject({ commit: first, ref: 'v1' })
  expect(await ask('stable')).toMatchObject({ commit: first, ref: 'stable' })
  expect(await ask(undefined, 'stable')).toMatchObject({ commit: first, ref: 'stable' })
  expect(await ask(first)).toMatchObject({ commit: first, ref: first })
  expect(await ask(first.slice(0, 8))).toMatchObject({ commit: first, ref: first.slice(0, 8) })
})

test('resolves in a local repository without a remote, and warns of what is not committed', async () => {
  const { url: projectRoot, first, second } = await repository()
  expect(await resolved({ projectRoot })).toMatchObject({ commit: second, ref: 'main', error: undefined })
  expect(await resolved({ projectRoot, flags: { ref: 'v1' } })).toMatchObject({ commit: first, ref: 'v1' })
  expect(await resolved({ projectRoot, flags: { ref: first.slice(0, 7) } })).toMatchObject({ commit: first })
  await write(projectRoot, { 'app/main.js': '3' })
  const warning = `1 changed file is not committed in ${projectRoot}: only commits are deployed`
  expect((await resolved({ projectRoot })).progress).toEqual([`main is ${second.slice(0, 7)}; ${warning}`])
  expect((await resolved({ projectRoot, flags: { ref: 'v1' } })).progress).toEqual([`v1 is ${first.slice(0, 7)}`])
  expect((await resolved({ projectRoot, settings: { path: 'other' } })).progress).toEqual([
    `main is ${second.slice(0, 7)}`,
  ])
})

test('counts a new folder as one change, and a commit without a branch by its own name', async () => {
  const { url: projectRoot, first } = await repository()
  await git(projectRoot, 'checkout', '--quiet', '--detach', first)
  await git(projectRoot, 'mv', 'other/main.js', 'other/moved.js')
  await write(projectRoot, { 'new/a': '1', 'new/b': '2', 'app/main.js': '3' })
  const warning = `3 changed files are not committed in ${projectRoot}: only commits are deployed`
  const short = first.slice(0, 7)
  expect((await resolved({ projectRoot })).progress).toEqual([`${short} is ${short}; ${warning}`])
})

test('finds its own repository when a git hook called srv', async () => {
  const { url: projectRoot, second } = await repository()
  vi.stubEnv('GIT_DIR', '/nonexistent')
  vi.stubEnv('GIT_INDEX_FILE', '/nonexistent/index')
  vi.stubEnv('GIT_SSH_COMMAND', 'ssh -x')
  vi.stubEnv('EDITOR', 'vi')
  const answer = await resolved({ projectRoot })
  vi.unstubAllEnvs()
  expect(answer).toMatchObject({ commit: second, error: undefined })
})

test('chooses one release for all hosts of an instance', async () => {
  const { url: projectRoot, second } = await repository()
  const placements = ['web1', 'web2'].map((host) => testPlacement({ host }))
  const id = `20261122T140311Z-${second.slice(0, 7)}`
  const { chosen } = await runTask(plugin(), 'resolve', { projectRoot, placements })
  const expected = {
    release: { id, commit: second, ref: 'main', by: 'me@laptop', subject: 'Two' },
    folder: `/srv/blog/instances/native/releases/${id}`,
    directory: '/srv/blog/instances/native/current',
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    // How other plugins read a file of the commit.
    code: expect.any(Function),
  }
  expect(chosen).toEqual({ 'blog/native@web1': expected, 'blog/native@web2': expected })
})

test('names a release after a later second than all that the instance has on any host, whatever the clock says', async () => {
  const { url: projectRoot, second } = await repository()
  const placements = ['web1', 'web2'].map((host) => testPlacement({ host }))
  const commit7 = second.slice(0, 7)
  const ids = async (one: Partial<InstanceState>, other: Partial<InstanceState> = {}) => {
    const states = { 'blog/native@web1': one, 'blog/native@web2': other }
    const { chosen } = await runTask(plugin(), 'resolve', { projectRoot, placements, states })
    return [...new Set(Object.values(chosen).map(({ release }) => release.id))]
  }
  const has = (...all: readonly string[]) => ({ releases: all.map((id) => ({ id })) })
  const next = [`20261122T140312Z-${commit7}`]
  expect(await ids(has('20261122T140310Z-fffffff'))).toEqual([`20261122T140311Z-${commit7}`])
  // Another commit within one second, the same commit again, and one that two instances shared.
  expect(await ids(has('20261122T140311Z-fffffff'))).toEqual(next)
  expect(await ids({}, has(`20261122T140311Z-${commit7}`))).toEqual(next)
  expect(await ids(has(`20261122T140311Z-${commit7}-2`), has('20261122T140309Z-fffffff'))).toEqual(next)
  // The clock of this machine, or of the one before it, is wrong.
  expect(
    await ids(has('20261122T140311Z-fffffff'), has('20261231T235959Z-0000000', '20261101T000000Z-fffffff')),
  ).toEqual([`20270101T000000Z-${commit7}`])
  // What serves may have been left out of the list, and a failed deploy may have left only its record.
  expect(await ids({ release: { id: '20261122T140311Z-fffffff' } })).toEqual(next)
  expect(await ids({ details: { newest: '20261122T140311Z-fffffff', compose: {} } })).toEqual(next)
  // srv did not name these.
  expect(await ids({ ...has('v2', '20269999T999999Z-fffffff'), release: { id: '2099' } })).toEqual([
    `20261122T140311Z-${commit7}`,
  ])
})

test('keeps an instance from the name that another one already has for the same commit', async () => {
  const { url: projectRoot, second } = await repository()
  const docker = { name: 'docker', kind: 'docker' } as const
  const placements = ['shop', 'shop-admin'].map((service) => testPlacement({ service, instance: docker }))
  const id = `20261122T140311Z-${second.slice(0, 7)}`
  const states = { 'shop/docker@web1': { releases: [{ id }] } }
  const { chosen } = await runTask(plugin(), 'resolve', { projectRoot, placements, states })
  expect(Object.values(chosen).map(({ release }) => release.id)).toEqual([id.replace('11Z', '12Z'), `${id}-2`])
})

test('gives docker instances of the same commit ids of their own: a tag may be all that tells their images apart', async () => {
  const { url: projectRoot, second } = await repository()
  const docker = { name: 'docker', kind: 'docker' } as const
  const placements = ['shop', 'shop-admin'].flatMap((service) =>
    ['web1', 'web2'].flatMap((host) => [
      testPlacement({ host, service, instance: docker }),
      testPlacement({ host, service }),
    ]),
  )
  const { chosen } = await runTask(plugin(), 'resolve', { projectRoot, placements })
  const id = `20261122T140311Z-${second.slice(0, 7)}`
  const ids = Object.entries(chosen).map(([placement, { release }]) => [placement, release.id])
  expect(Object.fromEntries(ids)).toEqual({
    'shop/docker@web1': id,
    'shop/docker@web2': id,
    'shop/native@web1': id,
    'shop/native@web2': id,
    'shop-admin/docker@web1': `${id}-2`,
    'shop-admin/docker@web2': `${id}-2`,
    'shop-admin/native@web1': id,
    'shop-admin/native@web2': id,
  })
})

test('tells by the digest whether there is anything to do', async () => {
  const { url: projectRoot } = await repository()
  const digest = async (situation: Situation): Promise<string | undefined> =>
    (await runTask(plugin(), 'resolve', { projectRoot, ...situation })).chosen['blog/native@web1']?.digest
  const before = await digest({})
  expect(await digest({ startedAt: '2027-01-01T00:00:00.000Z', settings: { keep: 2 } })).toBe(before)
  const changed = [
    { flags: { ref: 'v1' } },
    { digest: 'other' },
    { settings: { path: 'app' } },
    { settings: { shared: ['x'] } },
  ]
  for (const one of changed) expect(await digest(one)).not.toBe(before)
})

test('says in one sentence what is wrong with a name or a repository', async () => {
  const { url } = await repository()
  const empty = await folder()
  const bare = await folder()
  await git(bare, 'init', '--quiet')
  const message = async (situation: Situation): Promise<string> => {
    const { error } = await resolved({ projectRoot: empty, ...situation })
    return error instanceof Error ? `${error.name}: ${error.message}`.replaceAll(url, '<url>') : 'none'
  }
  const remote = { repository: `file://${url}` }
  const told = [
    await message({ instance: remote, flags: { ref: 'stabel' } }),
    await message({ instance: remote, flags: { ref: '--upload-pack=x' } }),
    await message({ instance: remote, flags: { ref: 'HEAD~1' } }),
    await message({ projectRoot: url, flags: { ref: 'mian' } }),
    await message({ instance: { repository: `file://${url}/nothing` } }),
    await message({ settings: { source: 'remote' } }),
    await message({ instance: { repository: './x' }, settings: { source: 'remote' } }),
    (await message({})).replaceAll(empty, '<empty>'),
    (await message({ projectRoot: bare })).replaceAll(bare, '<bare>'),
    await message({
      projectRoot: url,
      settings: { source: 'push' },
      instance: { repository: 'https://me:secret@h.org/x' },
    }),
  ]
  expect(told).toMatchInlineSnapshot(`
    [
      "SrvError: file://<url> has no branch, tag or commit stabel. Did you mean stable? (also: main, v1) Nothing was changed.",
      "SrvError: "--upload-pack=x" is not the name of a branch, tag or commit: it starts with a dash.",
      "SrvError: "HEAD~1" is not the name of a branch, tag or commit: it contains a space or one of ~ ^ : ? * [ \\.",
      "SrvError: <url> has no branch, tag or commit mian. Did you mean main? (also: stable, v1) Nothing was changed.",
      "SrvError: This machine cannot read the repository file://<url>/nothing: '<url>/nothing' does not appear to be a git repository. Nothing was changed.",
      "SrvError: blog/native is to be fetched by its hosts, but its service has no repository.",
      "SrvError: blog/native is to be fetched by its hosts, but ./x is a path that only means something on this machine.",
      "SrvError: blog/native is deployed from <empty>, but that is not a git repository.",
      "SrvError: blog/native is deployed from <bare>, but there is no commit in it yet.",
      "SrvError: blog/native is to be pushed from this machine, but <url> is not a clone of https://h.org/x.",
    ]
  `)
})

test('refuses a name that is a branch and a tag of different commits', async () => {
  const { url } = await repository()
  await git(url, 'branch', 'v1')
  const { error } = await resolved({
    instance: { repository: `file://${url}` },
    flags: { ref: 'v1' },
    projectRoot: url,
  })
  expect(error).toMatchObject({ code: 'SRV-163', hint: 'Say which one: `--ref refs/heads/v1`.' })
})

test('takes as names exactly what git takes', async () => {
  const names = [
    'main',
    'a/b',
    'a..b',
    '.a',
    'a/.b',
    'a.lock',
    'a/b.lock/c',
    'a b',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[b',
    'a\\b',
    '/a',
    'a/',
    'a//b',
    'a.',
    'a@{b',
    '@',
    'ä',
    'a\u007f',
    'a@b',
    'v1.0',
    'a{b',
  ]
  const cwd = await folder()
  const byGit = await Promise.all(
    names.map((name) =>
      git(cwd, 'check-ref-format', '--allow-onelevel', name).then(
        () => true,
        () => false,
      ),
    ),
  )
  expect(names.map((name) => refProblem(name) === undefined)).toEqual(byGit)
})
