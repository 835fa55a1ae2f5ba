import { chmod, mkdir, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settingsSchema } from '../../../plugins/docker-compose/options.ts'
import { freezeScript } from '../../../plugins/docker-compose/scripts/freeze.ts'
import { inspectScript } from '../../../plugins/docker-compose/scripts/inspect.ts'
import { siteOf } from '../../../plugins/docker-compose/scripts/prologue.ts'
import { pruneScript } from '../../../plugins/docker-compose/scripts/prune.ts'
import { quote, type Answer, type Script } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { testPlacement } from '../../../src/testing.ts'
import { folder, shellOf, shells, write } from '../git/machine.ts'
import { shop } from './situation.ts'

type Files = Readonly<Record<string, string>>

/** A host on which releases of one service are frozen, whose `facts` are mounts: mode and path in the release, or absolute. */
async function hostOf(shell: (typeof shells)[number], { isInPlace = false } = {}) {
  const run = await shellOf(shell)
  const base = await folder()
  const compose = join(base, 'compose')
  await write(base, {
    'bin/docker': '#!/bin/sh\ncase $* in "image inspect "*) echo sha256:1 ;; esac\n',
    'compose/mounts/.none': '',
    'data/none': '',
  })
  await rm(join(compose, 'mounts/.none'))
  const settings = settingsSchema.parse({ proxy: { web: { kind: 'nginx', port: 80 } } })
  const site = siteOf(testPlacement(shop()), settings)
  const here = { ...site, layout: { ...site.layout, compose, data: join(base, 'data') } }
  const path = `chmod 755 ${quote(join(base, 'bin/docker'))}\nPATH=${quote(join(base, 'bin'))}:$PATH`
  const tell = (script: Script): Promise<Answer> => run(`${path}\n${display(script)}`)
  const code = (id: string): string => (isInPlace ? join(base, 'checkout') : join(base, 'releases', id))
  return {
    base,
    code,
    /** Freezes a release with these files, and has it serve. */
    async freeze(id: string, files: Files, mounts: readonly (readonly [mode: string, path: string])[]) {
      const at = code(id)
      await mkdir(at, { recursive: true })
      await write(at, files)
      const bound = mounts.map(([mode, one]) => `bind\tweb\t${mode}\t${one.startsWith('/') ? one : join(at, one)}\n`)
      await write(compose, {
        [`.new-${id}/facts`]: `service\tweb\nbuild\tweb\n${bound.join('')}`,
        [`.new-${id}/base.json`]: '{\n  "services": {\n    "web": {\n      "image": "i"\n    }\n  }\n}\n',
        [`.new-${id}/service.web`]: '',
      })
      const freezing = { release: { id }, folder: at, isInPlace, startedAt: '', actor: 'ann', monitorMs: 0 }
      const answer = await tell(freezeScript(here, freezing))
      if (answer.code !== 0) return { refused: answer.stderr, places: [], digest: '', why: '' }
      await write(compose, { active: `${id}\n` })
      const rows = (await readFile(join(compose, id, 'moved'), 'utf8')).split('\n').filter((line) => line !== '')
      const [, digest = '', , , , why = ''] = (await readFile(join(compose, id, 'services'), 'utf8'))
        .trimEnd()
        .split('\t')
      return { refused: '', places: rows.map((line) => line.split('\t')[1] ?? ''), digest, why }
    },
    /** What is said of mounts, without the place where all of it lies. */
    async differs(): Promise<readonly string[]> {
      const { stdout } = await tell(inspectScript(here))
      return stdout.split('\n').filter((line) => /^(changed|wrote|left) /.test(line))
    },
    async prune(keep: number): Promise<readonly string[]> {
      const { code: status, stdout, stderr } = await tell(pruneScript(here, keep, ''))
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      return stdout.split('\n').filter((line) => line.includes('stays'))
    },
    places: async (): Promise<readonly string[]> => (await readdir(join(compose, 'mounts'))).sort(),
  }
}

test.each(shells)('what an app writes into a folder of the release stays, and is no drift, with %s', async (shell) => {
  const host = await hostOf(shell)
  const files = { 'html/index.html': 'one', 'html/a b\\c': 'x', 'code/x': 'one' }
  const mounts = [['rw', 'html']] as const
  const one = await host.freeze('20260101', files, mounts)
  const [place = ''] = one.places
  expect(one.why).toBe('')
  expect(await host.differs()).toEqual([])
  await write(place, { photo: 'p', 'up/photo': 'p', '__pycache__/x.pyc': '' })
  const said = `wrote ${place}, the copy of ${host.code('20260101')}/html: photo, up/photo`
  expect(await host.differs()).toEqual([said])
  // The same files in a release with other code: the same place, and nothing in it is put right.
  const two = await host.freeze('20260102', { ...files, 'code/x': 'two' }, mounts)
  expect(two).toEqual({ ...one, why: `it writes to ${host.code('20260102')}/html` })
  expect(await readFile(join(place, 'up/photo'), 'utf8')).toBe('p')
  // Another folder: the app would miss what it wrote.
  const three = await host.freeze('20260103', { ...files, 'html/index.html': 'two' }, mounts)
  expect(three.refused).toMatch(
    /^The app wrote into \.\/html, which the service web mounts out of the release: photo, up\/photo\. /,
  )
  expect(three.refused).toContain(`cp -a '${place}/.' '${join(host.base, 'data/html')}'`)
  // As nobody writes to it any more, what was written is left where it is.
  expect((await host.freeze('20260103', {}, [['ro', 'html']])).refused).toBe('')
  expect(await readFile(join(place, 'photo'), 'utf8')).toBe('p')
  expect(await host.prune(1)).toEqual([expect.stringContaining(`${place} stays`)])
  expect(await host.prune(1)).toEqual([])
  expect(await readFile(join(place, 'up/photo'), 'utf8')).toBe('p')
  expect(await host.differs()).toEqual([`left ${place}`])
  await rm(place, { recursive: true })
  await host.prune(1)
  expect([await host.differs(), await host.places()]).toEqual([[], [expect.stringMatching(/^[0-9a-f]{20}$/)]])
})

test.each(shells)('a file that an app changes or removes is told, and kept as it is, with %s', async (shell) => {
  const host = await hostOf(shell)
  const files = { 'app.conf': 'one', 'html/index.html': 'one', 'html/other': '' }
  const mounts = [
    ['rw', 'app.conf'],
    ['rw', 'html'],
  ] as const
  const {
    places: [file = '', html = ''],
  } = await host.freeze('20260101', files, mounts)
  await writeFile(file, 'mine')
  await write(html, { 'index.html': 'mine' })
  await rm(join(html, 'other'))
  const at = host.code('20260101')
  expect(await host.differs()).toEqual([
    `wrote ${file}, the copy of ${at}/app.conf: the file itself`,
    `wrote ${html}, the copy of ${at}/html: index.html, other, which is gone`,
  ])
  expect((await host.freeze('20260102', files, mounts)).refused).toBe('')
  expect([await readFile(file, 'utf8'), await readFile(join(html, 'index.html'), 'utf8')]).toEqual(['mine', 'mine'])
  expect((await host.freeze('20260103', { ...files, 'app.conf': 'two' }, mounts)).refused).toContain(
    `cp -a '${file}' '`,
  )
  await rm(file)
  expect((await host.differs())[0]).toMatch(/^changed .*, which is gone, for /)
  expect((await host.freeze('20260103', { ...files, 'app.conf': 'two' }, mounts)).refused).toBe('')
})

test.each(shells)('what becomes a program is mounted as one, with %s', async (shell) => {
  const files = { 'run.sh': 'one', 'bin/run.sh': 'one' }
  const mounts = [
    ['ro', 'run.sh'],
    ['ro', 'bin'],
  ] as const
  const runs = async (path: string): Promise<boolean> => ((await stat(path)).mode & 0o100) !== 0
  for (const isInPlace of [false, true]) {
    const host = await hostOf(shell, { isInPlace })
    const one = await host.freeze('20260101', files, mounts)
    const at = host.code('20260102')
    await write(at, files)
    for (const name of Object.keys(files)) await chmod(join(at, name), 0o755)
    const two = await host.freeze('20260102', files, mounts)
    expect(two.digest).not.toBe(one.digest)
    expect(await host.differs()).toEqual([])
    if (isInPlace) continue
    const [file = '', bin = ''] = two.places
    expect([await runs(file), await runs(join(bin, 'run.sh'))]).toEqual([true, true])
    expect([await runs(one.places[0] ?? ''), await runs(join(one.places[1] ?? '', 'run.sh'))]).toEqual([false, false])
    // Somebody changed it: it is put right.
    await chmod(file, 0o644)
    expect(await host.differs()).toEqual([expect.stringMatching(/^changed .*, the copy of .*run\.sh$/)])
    expect((await host.freeze('20260102', files, mounts)).places).toEqual(two.places)
    expect(await runs(file)).toBe(true)
  }
})

test('folders with the same in them are two, unless nobody writes to them, and one path is one folder', async () => {
  const host = await hostOf('/bin/sh')
  const files = { 'a/x': '1', 'b/x': '1', 'c/x': '1', 'd/x': '1' }
  const { places } = await host.freeze('20260101', files, [
    ['rw', 'a'],
    ['ro', 'b'],
    ['rw', 'b'],
    ['ro', 'c'],
    ['ro', 'd'],
  ])
  const [a, b, c, d] = places
  expect(places).toHaveLength(4)
  expect(new Set([a, b, c]).size).toBe(3)
  expect(d).toBe(c)
})

test('a folder for data is refused before the app has written into it', async () => {
  const host = await hostOf('/bin/sh')
  const { refused } = await host.freeze('20260101', { 'uploads/.gitkeep': '' }, [['rw', 'uploads']])
  expect(refused).toContain(`an empty folder of the release`)
  expect(refused).toContain(`shared: ['uploads']`)
  expect((await host.freeze('20260102', { 'uploads/.gitkeep': '' }, [['ro', 'uploads']])).refused).toBe('')
})

test('what is a link to the data is mounted where the data are', async () => {
  const host = await hostOf('/bin/sh')
  await write(host.base, { 'data/uploads/photo': 'p' })
  const link = async (id: string): Promise<void> => {
    await mkdir(host.code(id), { recursive: true })
    await symlink(join(host.base, 'data/uploads'), join(host.code(id), 'uploads'))
  }
  await link('20260101')
  const one = await host.freeze('20260101', {}, [['rw', 'uploads']])
  expect(one).toMatchObject({
    places: [join(host.base, 'data/uploads')],
    why: expect.stringContaining('it writes to '),
  })
  await write(host.base, { 'data/uploads/photo': 'q' })
  expect(await host.differs()).toEqual([])
  await link('20260102')
  expect((await host.freeze('20260102', {}, [['rw', 'uploads']])).digest).toBe(one.digest)
})

test('a copy of a release from before, into which an app wrote, is not put right for one that only reads', async () => {
  const host = await hostOf('/bin/sh')
  const {
    places: [old = ''],
  } = await host.freeze('20260101', { 'html/x': '1' }, [['ro', 'html']])
  const compose = join(host.base, 'compose')
  await write(compose, { '20260101/facts': `bind\tweb\trw\t${host.code('20260101')}/html\n` })
  await write(old, { photo: 'p' })
  const { places } = await host.freeze('20260102', { 'html/x': '1' }, [['ro', 'html']])
  expect(places).toEqual([`${old}.ro`])
  expect(await readFile(join(old, 'photo'), 'utf8')).toBe('p')
})

test.each(shells)(
  'a file outside of the release: gone, changed, or written to as it may be, with %s',
  async (shell) => {
    for (const isInPlace of [false, true]) {
      const host = await hostOf(shell, { isInPlace })
      await write(host.base, { 'a.conf': '1', 'b.conf': '1', 'c.db': '1' })
      const [a, b, c] = ['a.conf', 'b.conf', 'c.db'].map((name) => join(host.base, name))
      if (a === undefined || b === undefined || c === undefined) throw new Error('there is no path')
      expect(
        (
          await host.freeze('20260101', {}, [
            ['ro', a],
            ['ro', b],
            ['rw', c],
          ])
        ).refused,
      ).toBe('')
      expect(await host.differs()).toEqual([])
      await write(host.base, { 'b.conf': '2', 'c.db': '2' })
      await rm(a)
      expect(await host.differs()).toEqual([`changed ${a}, which is gone`, `changed ${b}`, `wrote ${c}`])
    }
  },
)
