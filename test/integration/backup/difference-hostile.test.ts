import {
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasPrograms } from '../../support/programs.ts'
import { first, fourth, Maker, second, third } from './maker.ts'
import { isRoot } from './servers.ts'

/** A line of rsync about an entry. */
const lineOf = (change: string, name: string): string =>
  `=${change}||rw-r--r--|0|0|1|2026/11/28-19:00:00|${name}||${name}`

describe.skipIf(!hasPrograms('rsync'))('a copy of what differs, against what a host says and does meanwhile', () => {
  let maker: Maker

  /** It is good, what its manifest says, and what a comparison of all content finds in the data now. */
  function expectRight(id: string): void {
    expect(maker.make(id).state).toBe('good')
    maker.verify(id)
    expect(maker.differences(id)).toBe('')
  }

  beforeEach(() => {
    maker = new Maker()
    maker.allowShrunk = true
    mkdirSync(maker.data('folder'))
    for (const name of ['one', 'two', 'folder/three']) writeFileSync(maker.data(name), name)
  })
  afterEach(() => {
    maker.remove()
  })

  it.each([false, true])(
    'removes nothing but in the new snapshot, whatever is said to be gone (gate: %s)',
    (isGated) => {
      mkdirSync(maker.at('victim'))
      writeFileSync(maker.at('victim/file'), 'precious')
      symlinkSync(maker.at('victim'), maker.data('a'))
      maker.make(first)
      maker.isGated = isGated
      rmSync(maker.data('a'))
      const up = ['../', '../../', `../../${first}/`, `../../${first}/data/`, 'a/'].map((name) =>
        lineOf('.d         ', name),
      )
      const gone = [`../../${first}/data/one`, 'a/file'].map((name) => lineOf('*deleting  ', name))
      maker.onceAsked(`cat <<'SRV_END'\n${[...up, ...gone].join('\n')}\nSRV_END`)
      maker.make(second)
      expect(readFileSync(maker.kept(first, 'data/one'), 'utf8')).toBe('one')
      expect(readFileSync(maker.at('victim/file'), 'utf8')).toBe('precious')
      maker.verify(first)
    },
  )

  it.each([false, true])('leaves out what is excluded, on the first day and on any other (gate: %s)', (isGated) => {
    maker.isGated = isGated
    writeFileSync(maker.data('x.tmp'), 'x')
    mkdirSync(maker.data('cache'))
    writeFileSync(maker.data('cache/x'), 'x')
    maker.make(first)
    maker.exclude = ['*.tmp', '/cache/']
    for (const id of [second, third, fourth]) {
      writeFileSync(maker.data('one'), id)
      writeFileSync(maker.data('x.tmp'), id)
      expectRight(id)
      expect(readdirSync(maker.kept(id, 'data')).sort()).toEqual(['folder', 'one', 'two'])
    }
  })

  it.each([
    ['a folder is a file', 'rm -r folder; echo file >folder'],
    ['a folder is a link', 'rm -r folder; ln -s .. folder'],
    ['a file is a folder with files', 'rm one; mkdir one; echo new >one/file'],
    ['a folder is new', 'mkdir new; echo new >new/file'],
  ])('is right when, before it is copied, %s', (_, happens) => {
    maker.make(first)
    writeFileSync(maker.data('one'), 'changed')
    writeFileSync(maker.data('folder/three'), 'changed')
    maker.onceAsked(happens)
    expect(maker.make(second).state).toBe('good')
    maker.verify(second)
    for (const name of ['folder', 'one', 'new']) {
      const found = lstatSync(maker.kept(second, 'data', name), { throwIfNoEntry: false })
      // What is new since then is in the next one.
      if (found === undefined) expect(name).toBe('new')
      else expect(found.mode).toBe(lstatSync(maker.data(name)).mode)
    }
    maker.nothingBeforeRsync()
    expectRight(third)
  })

  it('has the time of the first folder, also when nothing else changed', () => {
    maker.make(first)
    utimesSync(maker.data(), 5, 5)
    expectRight(second)
    for (const name of ['one', 'two', 'folder']) rmSync(maker.data(name), { recursive: true })
    maker.allowEmpty = true
    utimesSync(maker.data(), 6, 6)
    expectRight(third)
    utimesSync(maker.data(), 7, 7)
    expectRight(fourth)
  })

  it.runIf(isRoot)(
    'has the owner of a folder also where rsync keeps owners beside it, and it becomes the own one',
    () => {
      maker.actAsNobody()
      chownSync(maker.data('folder'), 1234, 1234)
      maker.make(first)
      chownSync(maker.data('folder'), 65534, 65534)
      expect(maker.make(second).state).toBe('good')
      maker.verify(second)
    },
  )
})
