import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { checkoutBench, type CheckoutBench } from './checkout.ts'
import { commit, folder, git, shells, write } from './machine.ts'

async function repository() {
  const url = await folder()
  const first = await commit(url, 'The "first"', { 'page.html': 'one', '.gitignore': 'cache/\n', 'only one': '1' })
  await git(url, 'rm', '--quiet', 'only one')
  const second = await commit(url, 'The second', { 'page.html': 'two', 'only/two': '2' })
  return { url, first, second }
}

/** Everything below a checkout but what git keeps. */
async function files(host: CheckoutBench): Promise<Readonly<Record<string, string>>> {
  const found = await readdir(host.instance, { recursive: true, withFileTypes: true })
  const own = found.filter((one) => one.isFile() && !`${one.parentPath}/`.includes('/.git/'))
  const read = own.map(async (one) => {
    const path = `${one.parentPath}/${one.name}`
    return [path.slice(host.instance.length + 1), await readFile(path, 'utf8')] as const
  })
  return Object.fromEntries((await Promise.all(read)).sort())
}

const timeless = (state: object): unknown =>
  JSON.parse(JSON.stringify(state).replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'then'))

const one = { '.gitignore': 'cache/\n', 'only one': '1', 'page.html': 'one' }
const two = { '.gitignore': 'cache/\n', 'only/two': '2', 'page.html': 'two' }

describe.each(shells)('in place, on a host with %s', { timeout: 120_000 }, (shell) => {
  test('clones, moves forward, shows what serves, and goes back', async () => {
    const { url, first, second } = await repository()
    const host = await checkoutBench(shell, url)
    expect(await host.state()).toMatchObject({ releases: [], drift: [], directory: host.instance })
    expect(await host.deploy(1, first)).toBeUndefined()
    expect(await files(host)).toEqual(one)
    expect(await git(host.instance, 'status', '--porcelain', '--branch')).toBe('## main...origin/main [gone]')
    await write(host.instance, { 'cache/kept': 'yes', 'notes.txt': 'mine' })
    expect(await host.deploy(2, second)).toBeUndefined()
    const mine = { 'cache/kept': 'yes', 'notes.txt': 'mine' }
    expect(await files(host)).toEqual({ ...two, ...mine })
    const [older, newer] = [host.next(1, first).release, host.next(2, second).release]
    const common = { since: 'then', by: 'me@laptop', ref: 'main' }
    const state = timeless(await host.state())
    expect(state).toMatchObject({
      release: { ...common, ...newer, subject: 'The second' },
      releases: [
        { ...common, ...newer, subject: 'The second' },
        { ...common, ...older, subject: 'The "first"' },
      ],
      drift: [],
      directory: host.instance,
      digest: 'digest 2',
    })
    expect(await host.back(host.next(1, first))).toBeUndefined()
    expect(await files(host)).toEqual({ ...one, ...mine })
    expect(await git(host.instance, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main')
    expect((await host.state()).release?.id).toBe(older.id)
    expect(((await stat(`${host.root}/blog/.srv`)).mode & 0o777).toString(8)).toBe('700')
  })

  test('takes everything back when the first release goes wrong', async () => {
    const { url, first } = await repository()
    const host = await checkoutBench(shell, url)
    const next = host.next(1, first)
    await host.all(['fetch', 'switch'], { next })
    expect(await host.undo('switch', { next })).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await host.undo('fetch', { next })).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await readdir(`${host.root}/blog/instances`)).toEqual([])
    expect(await host.state()).toMatchObject({ releases: [], drift: [] })
  })

  test('adopts a checkout that it never saw, and goes back to it', async () => {
    const { url, first, second } = await repository()
    const host = await checkoutBench(shell, url)
    await git(url, 'clone', '--quiet', url, host.instance)
    await git(host.instance, 'reset', '--quiet', '--hard', first)
    await write(host.instance, { 'cache/kept': 'yes' })
    const adopted = { id: `20261122T120000Z-${first.slice(0, 7)}`, commit: first, subject: 'The "first"' }
    expect(await host.state()).toMatchObject({ release: adopted, releases: [adopted], drift: [] })
    expect(await host.refusal()).toBeUndefined()
    expect(await host.deploy(3, second)).toBeUndefined()
    expect(await files(host)).toEqual({ ...two, 'cache/kept': 'yes' })
    const state = await host.state()
    expect(state.releases?.map(({ id }) => id)).toEqual([host.next(3, second).release.id, adopted.id])
    expect(await host.undo('switch', { next: host.next(3, second) })).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await files(host)).toEqual({ ...one, 'cache/kept': 'yes' })
    expect(await host.state()).toMatchObject({ release: adopted, drift: [] })
  })

  test('leaves a detached checkout detached', async () => {
    const { url, first, second } = await repository()
    const host = await checkoutBench(shell, url)
    await git(url, 'clone', '--quiet', url, host.instance)
    await git(host.instance, 'checkout', '--quiet', '--detach', first)
    expect(await host.deploy(1, second)).toBeUndefined()
    expect(await files(host)).toEqual(two)
    await expect(git(host.instance, 'symbolic-ref', '--quiet', 'HEAD')).rejects.toThrow()
    await git(host.instance, 'checkout', '--quiet', 'main')
    expect((await host.state()).drift).toEqual(['the branch main is checked out, where there was none'])
  })

  test('refuses changed files before anything, and again when it moves', async () => {
    const { url, first, second } = await repository()
    const host = await checkoutBench(shell, url)
    await host.deploy(1, first)
    await write(host.instance, { 'page.html': 'mine', 'cache/x': '', 'new.txt': '' })
    await rm(`${host.instance}/only one`)
    const told = `SRV-340 blog/native@web1 has uncommitted changes in <host>/blog/instances/native: "only one", page.html. Nothing was changed there. → Look at them on the host: \`git -C <host>/blog/instances/native diff HEAD\`. Commit them, or set them aside with \`git stash\`; build output belongs in .gitignore.`
    expect(await host.refusal()).toBe(told)
    expect(await host.deploy(2, second)).toBe(told)
    expect((await host.state()).drift).toEqual(['not committed: "only one", page.html'])
    expect(await host.back(host.next(1, first))).toBe(told)
    expect(await readFile(`${host.instance}/page.html`, 'utf8')).toBe('mine')
    expect(await git(host.instance, 'rev-parse', 'HEAD')).toBe(first)
  })

  test('goes only forward, unless it may reset', async () => {
    const { url, first, second } = await repository()
    const host = await checkoutBench(shell, url)
    await host.deploy(1, second)
    expect(await host.deploy(2, first)).toMatchInlineSnapshot(
      `"SRV-346 blog/native@web1 is at <commit>, which is newer than <commit>: a deploy only goes forward. Nothing was changed there. → Go back with \`srv rollback\`, or allow it for this instance: \`git: { reset: true }\`."`,
    )
    await git(url, 'checkout', '--quiet', '-B', 'main', first)
    const forced = await commit(url, 'Force-pushed', { 'page.html': 'three' })
    expect(await host.deploy(3, forced)).toMatchInlineSnapshot(
      `"SRV-345 blog/native@web1 is at <commit>, which is not an ancestor of <commit>: the branch was force-pushed, or somebody committed on the host. Nothing was changed there. → If the commits on the host may be dropped, allow it for this instance: \`git: { reset: true }\`."`,
    )
    expect(await files(host)).toEqual(two)
    const settings = { strategy: 'in-place', source: 'remote', reset: true }
    expect(await host.deploy(4, forced, { settings })).toBeUndefined()
    expect(await files(host)).toEqual({ ...one, 'page.html': 'three' })
    expect(await host.back(host.next(1, second))).toBeUndefined()
    expect(await files(host)).toEqual(two)
    expect((await host.state()).releases?.map((release) => release.commit)).toEqual([forced, second])
    await git(host.instance, 'update-ref', '-d', `refs/srv/releases/${host.next(4, forced).release.id}`)
    await git(host.instance, 'update-ref', '-d', `refs/srv/releases/${host.next(3, forced).release.id}`)
    await git(host.instance, 'update-ref', '-d', 'ORIG_HEAD')
    await git(host.instance, 'reflog', 'expire', '--expire=now', '--all')
    await git(host.instance, 'gc', '--quiet', '--prune=now')
    expect((await host.state()).releases?.map((release) => release.commit)).toEqual([second])
  })

  test('completes the history of a shallow checkout, or says that it cannot', async () => {
    const { url, second } = await repository()
    const host = await checkoutBench(shell, url)
    const third = await commit(url, 'Three', { 'page.html': 'three' })
    await git(url, 'checkout', '--quiet', second)
    await git(url, 'clone', '--quiet', '--depth=1', `file://${url}`, host.instance)
    expect(await host.deploy(1, third)).toBeUndefined()
    await git(url, 'checkout', '--quiet', '--orphan', 'other')
    const other = await commit(url, 'Other', {})
    const shallow = await checkoutBench(shell, url, { settings: { source: 'push' } })
    await git(url, 'clone', '--quiet', '--depth=1', `file://${url}`, shallow.instance, '--branch=main')
    await git(shallow.instance, 'fetch', '--quiet', '--depth=1', `file://${url}`, other)
    expect(await shallow.deploy(2, other)).toMatchInlineSnapshot(
      `"SRV-347 <host>/blog/instances/native on blog/native@web1 is a shallow checkout at <commit>: srv cannot tell whether that is an ancestor of <commit>. Nothing was changed there. → Fetch the rest of its history, on the host: \`git -C <host>/blog/instances/native fetch --unshallow\`."`,
    )
  })

  test('leaves files alone that git does not know, ignored ones too', async () => {
    const { url, first } = await repository()
    const host = await checkoutBench(shell, url)
    await host.deploy(1, first)
    await write(host.instance, { 'cache/settings': 'mine', "a 'file'": 'mine' })
    await write(url, { 'cache/settings': 'theirs', "a 'file'": 'theirs', more: '' })
    await git(url, 'add', '--force', 'cache')
    const next = await commit(url, 'Three', {})
    expect(await host.deploy(2, next)).toMatchInlineSnapshot(
      `"SRV-348 <host>/blog/instances/native on blog/native@web1 has untracked files that <commit> would overwrite: a 'file', cache/settings. Nothing was changed there. → Move them away on the host, then deploy again."`,
    )
    expect(await files(host)).toEqual({ ...one, 'cache/settings': 'mine', "a 'file'": 'mine' })
    expect(await host.back(host.next(2, next))).toMatch(/^SRV-348 /)
  })

  test('says what is in the way of a checkout', async () => {
    const { url } = await repository()
    const host = await checkoutBench(shell, url)
    await write(host.instance, { 'index.html': '' })
    expect(await host.refusal()).toMatchInlineSnapshot(
      `"SRV-341 blog/native@web1 is deployed in place, but <host>/blog/instances/native is not a checkout: it contains other files. Nothing was changed there. → Move it away, and srv clones the repository: mv <host>/blog/instances/native <host>/blog/instances/native.old"`,
    )
    await mkdir(`${host.instance}/releases`)
    expect(await host.refusal()).toMatchInlineSnapshot(
      `"SRV-341 blog/native@web1 is deployed in place, but <host>/blog/instances/native is not a checkout: it holds releases, each in its own folder. Nothing was changed there. → Move it away, and srv clones the repository: mv <host>/blog/instances/native <host>/blog/instances/native.old"`,
    )
    await rm(host.instance, { recursive: true })
    await writeFile(host.instance, '')
    expect(await host.refusal()).toMatchInlineSnapshot(
      `"SRV-341 blog/native@web1 is deployed in place, but <host>/blog/instances/native is not a checkout: it is not a folder. Nothing was changed there. → Move it away, and srv clones the repository: mv <host>/blog/instances/native <host>/blog/instances/native.old"`,
    )
    await rm(host.instance)
    await mkdir(host.instance)
    expect(await host.refusal()).toBeUndefined()
    await git(host.instance, 'init', '--quiet')
    expect(await host.refusal()).toMatchInlineSnapshot(
      `"SRV-342 The repository in <host>/blog/instances/native on blog/native@web1 has no commit yet: srv did not create it, and cannot tell what it is for. Nothing was changed there. → Move it away, and srv clones the repository: mv <host>/blog/instances/native <host>/blog/instances/native.old"`,
    )
    await git(host.instance, 'remote', 'add', 'origin', 'https://me:secret@example.org/other.git')
    await commit(host.instance, 'One', { 'page.html': '' })
    expect((await host.refusal())?.replaceAll(url, '<url>')).toMatchInlineSnapshot(
      `"SRV-343 <host>/blog/instances/native on blog/native@web1 is a checkout of https://example.org/other.git, but the config says <url>. Nothing was changed there. → If they are the same: \`git -C <host>/blog/instances/native remote set-url origin <url>\` on the host."`,
    )
    await git(host.instance, 'remote', 'set-url', 'origin', url)
    await writeFile(`${host.instance}/.git/MERGE_HEAD`, '')
    expect(await host.refusal()).toMatchInlineSnapshot(
      `"SRV-344 Somebody is in the middle of a merge in <host>/blog/instances/native on blog/native@web1. Nothing was changed there. → Finish it on the host, or give it up: \`git -C <host>/blog/instances/native merge --abort\`."`,
    )
    await rm(`${host.instance}/.git/MERGE_HEAD`)
    await write(host.instance, { '.env': 'A=1\n' })
    expect(await host.refusal()).toBeUndefined()
    expect(await host.refusal({ instance: { repository: url, env: { A: '2' } } })).toMatchInlineSnapshot(
      `"SRV-336 <host>/blog/instances/native/.env on blog/native@web1 was not written by srv, and the variables of the config would overwrite it. Nothing was changed there. → Move its lines to \`env\` in the config, then move the file away."`,
    )
  })

  test('refuses what git alone cannot check out', async () => {
    const { url, first } = await repository()
    const host = await checkoutBench(shell, url, { instance: { env: { A: '1' } } })
    expect(await host.deploy(1, first)).toBeUndefined()
    await write(url, { '.gitmodules': '[submodule "x"]\n\tpath = libs/x y\n\turl = https://example.org/x\n' })
    expect(await host.deploy(2, await commit(url, 'A module', {}))).toMatchInlineSnapshot(
      `"SRV-349 The commit <commit> has submodules (libs/x y), which srv does not update in place on blog/native@web1. Nothing was changed there. → Add their files to the repository, or fetch them in \`build\`."`,
    )
    await rm(`${url}/.gitmodules`)
    expect(await host.deploy(3, await commit(url, 'Variables', { '.env': 'A=2\n' }))).toMatchInlineSnapshot(
      `"SRV-335 The commit <commit> has its own .env file, which the variables of the config would overwrite on blog/native@web1. Nothing was changed there. → Take .env out of the repository, or \`env\` out of the config."`,
    )
    expect(await files(host)).toEqual(one)
  })

  test('says that no branch leads to a commit', async () => {
    const { url, first } = await repository()
    const host = await checkoutBench(shell, url)
    await host.deploy(1, first)
    const missing = '1'.repeat(40)
    expect(await host.run('fetch', { next: host.next(2, missing) })).toEqual({
      code: 1,
      stdout: '',
      stderr: `No branch or tag of ${url} contains the commit ${missing}.\n`,
    })
    expect(await files(host)).toEqual(one)
  })

  test('keeps the .env that srv writes out of sight, and brings the one before back', async () => {
    const { url, first, second } = await repository()
    const host = await checkoutBench(shell, url, { instance: { env: { A: '1' } } })
    await host.deploy(1, first)
    await write(host.instance, { '.env': '# Written by srv.\nA="1"\n' })
    expect(await git(host.instance, 'status', '--porcelain')).toBe('')
    const next = host.next(2, second)
    await host.all(['fetch', 'switch'], { next })
    await write(host.instance, { '.env': '# Written by srv.\nA="2"\n' })
    await host.undo('switch', { next })
    expect(await files(host)).toEqual({ ...one, '.env': '# Written by srv.\nA="1"\n' })
    const instance = { repository: url, env: {} }
    await host.all(['fetch', 'switch', 'record'], { next, instance })
    expect(await files(host)).toEqual(two)
  })

  test('mends a move that was cut off half way', async () => {
    const { url, first, second } = await repository()
    const host = await checkoutBench(shell, url)
    await host.deploy(1, first)
    await host.all(['fetch'], { next: host.next(2, second) })
    // As a killed `git reset` leaves it: some files are written, the index and the branch are not.
    await write(host.instance, { 'page.html': 'two', 'only/two': '2' })
    await write(host.instance, { '.git/index.lock': '' })
    await write(`${host.root}/blog/.srv/native`, { moving: `x\n${first}\n${second}\n` })
    expect((await host.state()).drift).toEqual(['a run was killed while it was moving the checkout'])
    expect(await host.refusal()).toBeUndefined()
    const third = await commit(url, 'Three', { 'page.html': 'three' })
    expect(await host.deploy(3, third)).toBeUndefined()
    expect(await files(host)).toEqual({ ...two, 'page.html': 'three' })
    expect((await host.state()).drift).toEqual([])
  })

  test('takes no lock while it only looks, and is not kept by files that were touched', async () => {
    const { url, first, second } = await repository()
    const host = await checkoutBench(shell, url)
    await host.deploy(1, second)
    const touch = (): Promise<void> => utimes(`${host.instance}/page.html`, 1, 1)
    const index = async (): Promise<number> => (await stat(`${host.instance}/.git/index`)).ino
    await touch()
    const before = await index()
    // What git noted about the touched file would be written under a lock.
    expect(await host.run('switch', { next: host.next(2, first) })).toMatchObject({ code: 9 })
    expect(await index()).toBe(before)
    const third = await commit(url, 'Three', { 'page.html': 'three' })
    expect(await host.deploy(3, third)).toBeUndefined()
    expect(await files(host)).toEqual({ ...two, 'page.html': 'three' })
  })

  test('mends a way back that was cut off half way', async () => {
    const { url, first, second } = await repository()
    const host = await checkoutBench(shell, url)
    await host.deploy(1, first)
    await host.all(['fetch', 'switch'], { next: host.next(2, second) })
    // As `git reset` leaves it when the disk is full: what only the commit before has is there again.
    await rm(`${host.instance}/page.html`)
    await write(host.instance, { 'only one': '1' })
    await rename(`${host.root}/blog/.srv/native/moved`, `${host.root}/blog/.srv/native/moving`)
    expect(await host.deploy(2, second)).toBeUndefined()
    expect(await files(host)).toEqual(two)
    expect((await host.state()).drift).toEqual([])
  })

  test('tells when somebody moved the checkout by hand', async () => {
    const { url, first, second } = await repository()
    const host = await checkoutBench(shell, url)
    await host.deploy(1, first)
    await git(host.instance, 'fetch', '--quiet', url, second)
    await git(host.instance, 'checkout', '--quiet', '-b', 'other', second)
    const { drift, release, digest } = await host.state()
    expect({ drift, release: release?.commit, digest }).toEqual({
      drift: [
        `HEAD was moved by hand to ${second.slice(0, 7)}: srv had deployed ${host.next(1, first).release.id}`,
        'the branch other is checked out, where main was',
      ],
      release: second,
      digest: undefined,
    })
    await rm(host.instance, { recursive: true })
    expect((await host.state()).drift).toEqual([
      `the checkout is gone: the last release was ${host.next(1, first).release.id}`,
    ])
  })

  test('forgets old releases, but not the way back', async () => {
    const { url, first } = await repository()
    const host = await checkoutBench(shell, url, { settings: { keep: 2 } })
    const commits = [first]
    await host.deploy(1, first)
    for (const number of [2, 3, 4]) {
      commits.push(await commit(url, `Number ${String(number)}`, { 'page.html': String(number) }))
      await host.deploy(number, commits.at(-1) ?? '')
    }
    const ids = (await host.state()).releases?.map(({ commit: id }) => commits.indexOf(id ?? '') + 1)
    expect(ids).toEqual([4, 3])
    expect(await git(host.instance, 'for-each-ref', '--format=%(objectname)', 'refs/srv')).toBe(
      [commits[2], commits[3]].join('\n'),
    )
  })
})
