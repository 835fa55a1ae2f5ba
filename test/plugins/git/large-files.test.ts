import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Situation } from '../../../src/testing.ts'
import { checkoutBench, type CheckoutBench } from './checkout.ts'
import { commit, folder, git, shells, write, type Machine } from './machine.ts'
import { hasPrograms } from '../../support/programs.ts'

const filters = `[filter "lfs"]
	clean = git-lfs clean -- %f
	smudge = git-lfs smudge -- %f
	process = git-lfs filter-process
	required = true
`

const pointer = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n/

/** A repository with a version before Git LFS and two with it; its own .lfsconfig leaves all files out. */
async function repository() {
  const url = await folder()
  const plain = await commit(url, 'No large files', { 'page.html': 'none' })
  await git(url, 'lfs', 'install', '--local')
  await write(url, { '.gitattributes': '*.png filter=lfs diff=lfs merge=lfs -text\n' })
  await write(url, { '.lfsconfig': '[lfs]\n\tfetchexclude = *\n' })
  const first = await commit(url, 'One', { 'images/a b.png': 'first', 'page.html': 'one' })
  const second = await commit(url, 'Two', { 'images/a b.png': 'second', 'page.html': 'two' })
  const inRepository = await git(url, 'cat-file', 'blob', `${second}:images/a b.png`)
  expect(inRepository).toMatch(pointer)
  return { url, plain, first, second }
}

/** A log-in user whose settings are these, on a machine that has none. */
async function userWith(config: string): Promise<NonNullable<Machine['env']>> {
  const home = await folder()
  await write(home, { '.gitconfig': config })
  return { HOME: home, GIT_CONFIG_NOSYSTEM: '1' }
}

const image = (host: CheckoutBench): Promise<string> => readFile(join(host.instance, 'images/a b.png'), 'utf8')
const page = (host: CheckoutBench): Promise<string> => readFile(join(host.instance, 'page.html'), 'utf8')

describe.skipIf(!hasPrograms('git-lfs')).each(shells.filter((shell) => shell === 'dash' || shell === 'busybox'))(
  'files of Git LFS, on a host with %s',
  { timeout: 120_000 },
  (shell) => {
    test('are there in every version that serves, whatever somebody chose to leave out', async () => {
      const { url, first, second } = await repository()
      const env = { ...(await userWith(filters)), GIT_LFS_SKIP_SMUDGE: '1' }
      const host = await checkoutBench(shell, url, {}, { env })
      expect(await host.deploy(1, first)).toBeUndefined()
      expect(await image(host)).toBe('first')
      expect(await host.deploy(2, second)).toBeUndefined()
      expect([await image(host), (await host.state()).drift]).toEqual(['second', []])
      // The way back needs nobody else.
      await rm(`${url}/.git/lfs`, { recursive: true })
      expect(await host.back(host.next(1, first))).toBeUndefined()
      expect([await image(host), (await host.state()).drift]).toEqual(['first', []])
      await host.all(['fetch', 'switch'], { next: host.next(3, second) })
      expect(await image(host)).toBe('second')
      await host.undo('switch', { next: host.next(3, second) })
      expect([await image(host), (await host.state()).drift]).toEqual(['first', []])
    })

    test('are refused where git-lfs is missing, or its settings', async () => {
      const { url, plain, first } = await repository()
      const tried = async (machine: Machine): Promise<string | undefined> => {
        const host = await checkoutBench(shell, url, {}, machine)
        expect(await host.deploy(1, plain)).toBeUndefined()
        const told = await host.deploy(2, first)
        expect([await page(host), (await host.state()).drift]).toEqual(['none', []])
        return told
      }
      expect(await tried({ env: await userWith(filters), without: 'git-lfs' })).toMatchInlineSnapshot(
        `"SRV-334 The commit <commit> keeps files in Git LFS, and blog/native@web1 cannot get them: git-lfs is not installed. Nothing was changed there. → On the host: install the package git-lfs, and run \`git lfs install\` as the user that srv logs in as."`,
      )
      expect(await tried({ env: await userWith('') })).toMatchInlineSnapshot(
        `"SRV-337 The commit <commit> keeps files in Git LFS, and git on blog/native@web1 would check out only their pointers: \`git lfs install\` was never run there. Nothing was changed there. → On the host, as the user that srv logs in as: \`git lfs install --force\`."`,
      )
      const skipping = filters.replace('filter-process', 'filter-process --skip')
      expect(await tried({ env: await userWith(skipping) })).toMatchInlineSnapshot(
        `"SRV-337 The commit <commit> keeps files in Git LFS, and git on blog/native@web1 would check out only their pointers: \`git lfs install --skip-smudge\` was run there. Nothing was changed there. → On the host, as the user that srv logs in as: \`git lfs install --force\`."`,
      )
    })

    test('are refused where they cannot be got', async () => {
      const { url, plain, first } = await repository()
      await rm(`${url}/.git/lfs`, { recursive: true })
      const host = await checkoutBench(shell, url, {}, { env: await userWith(filters) })
      expect(await host.deploy(1, plain)).toBeUndefined()
      expect(await host.deploy(2, first)).toMatchInlineSnapshot(
        `"SRV-338 The commit <commit> keeps files in Git LFS, and blog/native@web1 could not get them: error transferring "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e": [0] remote missing object a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e. Nothing was changed there. → The host fetches them itself, even when srv sends the commit: it must reach the LFS server of the repository, and have the credentials for it."`,
      )
      const pushed: Situation = { settings: { strategy: 'in-place', source: 'push' } }
      await git(url, 'push', '--quiet', '--no-verify', `${host.instance}/.git`, `${first}:refs/srv/sent`)
      await git(host.instance, 'remote', 'remove', 'origin')
      expect(await host.deploy(2, first, pushed)).toMatchInlineSnapshot(
        `"SRV-338 The commit <commit> keeps files in Git LFS, and blog/native@web1 could not get them: nothing there says where they are stored. Nothing was changed there. → The host fetches them itself, even when srv sends the commit: it must reach the LFS server of the repository, and have the credentials for it."`,
      )
      expect([await page(host), (await host.state()).drift]).toEqual(['none', []])
    })

    test('are looked for behind the switch, which is undone when a pointer is there', async () => {
      const { url, plain, first } = await repository()
      const env = await userWith('[filter "lfs"]\n\tsmudge = cat\n\tclean = cat\n')
      const host = await checkoutBench(shell, url, {}, { env })
      expect(await host.deploy(1, plain)).toBeUndefined()
      expect(await host.deploy(2, first)).toMatchInlineSnapshot(
        `"SRV-339 Git on blog/native@web1 checked out pointers of <commit> instead of the files that Git LFS keeps: images/a b.png. → See on the host what \`git -C <host>/blog/instances/native config --get-regexp ^filter.lfs\` says, and fix it with \`git lfs install --force\`."`,
      )
      expect(await image(host)).toMatch(pointer)
      expect((await host.undo('switch', { next: host.next(2, first) })).code).toBe(0)
      expect([await page(host), (await host.state()).drift]).toEqual(['none', []])
    })
  },
)
