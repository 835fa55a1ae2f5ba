import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { wantedAwk } from '../../../plugins/rsync-backup/scripts/difference-awk.ts'
import { hasPrograms } from '../../support/programs.ts'
import { wholeOf } from '../../support/whole.ts'
import { first, Maker, second } from './maker.ts'
import { isRoot } from './servers.ts'

const long = 1_700_000_000

const folders = ['.', 'a', 'a/deep', 'b', 'a/folder with a blank'] as const
const names = [
  'one',
  'two',
  '#three',
  '-rf',
  "it's",
  'ä',
  'back\\slash',
  'no \\#012',
  '| => one',
  'line\nbreak',
] as const
const paths = folders.flatMap((folder) => [...names, 'deep', 'b'].map((name) => join(folder, name)))

/** What may happen to a path between two backups; a path that cannot take it stays as it is. */
const changes: Readonly<Record<string, (path: string, other: string) => void>> = {
  write: (path) => {
    writeFileSync(path, 'written')
  },
  'write as much': (path) => {
    if (lstatSync(path).isFile()) writeFileSync(path, 'x'.repeat(statSync(path).size))
  },
  'write behind the same times': (path) => {
    if (!lstatSync(path).isFile()) return
    rmSync(path)
    writeFileSync(path, 'of another size')
    utimesSync(path, long, long)
  },
  chmod: (path) => {
    if (!lstatSync(path).isSymbolicLink()) chmodSync(path, lstatSync(path).isDirectory() ? 0o2755 : 0o4611)
  },
  chown: (path) => {
    lchownSync(path, 1234, 4321)
  },
  touch: (path) => {
    if (!lstatSync(path).isSymbolicLink()) utimesSync(path, long + 7.123_456, long + 7.123_456)
  },
  remove: (path) => {
    rmSync(path, { recursive: true })
  },
  'remove, and leave the time of its folder': (path) => {
    const { atime, mtime } = statSync(dirname(path))
    rmSync(path, { recursive: true })
    utimesSync(dirname(path), atime, mtime)
  },
  rename: renameSync,
  link: linkSync,
  'break its link': (path) => {
    const [text, { mode, mtime }] = [readFileSync(path), lstatSync(path)]
    rmSync(path)
    writeFileSync(path, text, { mode })
    utimesSync(path, mtime, mtime)
  },
  'make a folder of it': (path) => {
    rmSync(path, { recursive: true, force: true })
    mkdirSync(path)
    writeFileSync(join(path, 'one'), 'in a new folder')
  },
  'make a file of it': (path) => {
    rmSync(path, { recursive: true, force: true })
    writeFileSync(path, 'once a folder')
  },
  'make a link of it, out of the folder': (path) => {
    rmSync(path, { recursive: true, force: true })
    symlinkSync('/tmp', path)
  },
  'give it attributes': (path) => {
    python('import os, sys; os.setxattr(sys.argv[1], "user.note", b"new", follow_symlinks=False)', path)
  },
  'take its attributes': (path) => {
    python('import os, sys; os.removexattr(sys.argv[1], "user.note", follow_symlinks=False)', path)
  },
}

function python(text: string, path: string): void {
  execFileSync('python3', ['-c', text, path], { stdio: 'pipe' })
}

interface Change {
  readonly what: string
  readonly path: string
  readonly other: string
}

const changing = fc.record({
  what: fc.constantFrom(...Object.keys(changes)),
  path: fc.constantFrom(...paths, ...folders.slice(1)),
  other: fc.constantFrom(...paths),
})

const day = fc.record({
  changed: fc.array(changing, { maxLength: 8 }),
  hasLinks: fc.boolean(),
  hasLineBreak: fc.boolean(),
  hasWarm: fc.boolean(),
  isGated: fc.boolean(),
})

function fill(maker: Maker, hasLinks: boolean, hasLineBreak: boolean): void {
  for (const folder of folders) {
    mkdirSync(maker.data(folder), { recursive: true })
    for (const name of names) {
      if (hasLineBreak || !name.includes('\n')) writeFileSync(maker.data(folder, name), `${folder} ${name}`)
    }
  }
  symlinkSync('a/one', maker.data('symbolic'))
  symlinkSync('/tmp', maker.data('b/deep'))
  execFileSync('mkfifo', [maker.data('b/pipe')])
  python('import os, sys; os.setxattr(sys.argv[1], "user.note", b"of a folder")', maker.data('a/deep'))
  if (hasLinks) linkSync(maker.data('a/one'), maker.data('a/deep/b'))
  // Of files with the same size and time, rsync could not tell that they changed places.
  for (const [at, path] of paths.map((one) => maker.data(one)).entries()) {
    if (existsSync(path) && lstatSync(path).isFile()) utimesSync(path, long + at, long + at)
  }
}

function change(maker: Maker, { what, path, other }: Change): void {
  try {
    changes[what]?.(maker.data(path), maker.data(other))
  } catch (error) {
    // There may be nothing there any more, or something else: then this is no change.
    if (!(error instanceof Error)) throw error
  }
}

const inode = (path: string): number => statSync(path).ino

/** Has every rsync note its words, and `then` happen once one of them was asked what differs. */
function note(maker: Maker, then = ''): void {
  const words = `for word; do case $word in --link-dest=* | --compare-dest=* | --files-from=*) echo "\${word%%=*}" ;; esac; done`
  maker.onceAsked(`echo asked >>${maker.at('noted')}\n${then}`, `{ ${words}; } >>${maker.at('noted')}`)
}

const noted = (maker: Maker): string => readFileSync(maker.at('noted'), 'utf8').trim().split('\n').join(' ')

describe.skipIf(!hasPrograms('rsync', 'python3') || !isRoot)('a copy of what differs', () => {
  let maker: Maker
  beforeEach(() => {
    maker = new Maker()
    for (const name of ['one', 'two', 'three']) writeFileSync(maker.data(name), name)
  })
  afterEach(() => {
    maker.remove()
  })

  it('is no copy at all of what is the same', () => {
    const { bytes } = maker.make(first)
    note(maker)
    expect(maker.make(second)).toMatchObject({ state: 'good', files: 3, bytes, newFiles: 0 })
    expect(noted(maker)).toBe('asked')
    expect(inode(maker.kept(second, 'data/one'))).toBe(inode(maker.kept(first, 'data/one')))
  })

  it.each([
    [false, 'asked --compare-dest --files-from'],
    [true, 'asked --compare-dest'],
  ])('takes a list of files where no gate forbids it (gate: %s)', (isGated, words) => {
    maker.isGated = isGated
    maker.make(first)
    writeFileSync(maker.data('two'), 'another')
    note(maker)
    expect(maker.make(second)).toMatchObject({ state: 'good', files: 3, newFiles: 1, newBytes: 7 })
    expect(noted(maker)).toBe(words)
    expect(readFileSync(maker.kept(second, 'data/two'), 'utf8')).toBe('another')
  })

  it.each([
    ['a file of several names changed', () => writeFileSync(maker.data('one'), 'changed')],
    ['a file got another name', () => linkSync(maker.data('two'), maker.data('four'))],
    ['a name has a line break', () => writeFileSync(maker.data('line\nbreak'), '')],
  ])('is left to one rsync where %s', (_, happens) => {
    linkSync(maker.data('one'), maker.data('also one'))
    maker.make(first)
    happens()
    note(maker)
    expect(maker.make(second).state).toBe('good')
    expect(noted(maker)).toBe('asked --link-dest')
    expect(maker.differences(second)).toBe('')
  })

  it.each([
    [true, '--link-dest'],
    [false, 'asked --compare-dest --files-from'],
  ])('is left to one rsync where all content is compared behind a gate (gate: %s)', (isGated, words) => {
    maker.remove()
    maker = new Maker({ checksumEvery: 1 })
    maker.isGated = isGated
    for (const name of ['one', 'two', 'three']) {
      writeFileSync(maker.data(name), name)
      utimesSync(maker.data(name), long, long)
    }
    maker.make(first)
    writeFileSync(maker.data('two'), 'TWO')
    utimesSync(maker.data('two'), long, long)
    rmSync(maker.data('three'))
    note(maker)
    expect(maker.make(second)).toMatchObject({ state: 'good', files: 2, newFiles: 1 })
    expect(noted(maker)).toBe(words)
    expect(['one', 'two'].map((name) => readFileSync(maker.kept(second, 'data', name), 'utf8'))).toEqual(['one', 'TWO'])
    expect(inode(maker.kept(second, 'data/one'))).toBe(inode(maker.kept(first, 'data/one')))
    expect(maker.differences(second)).toBe('')
    maker.verify(second)
    expect(readFileSync(maker.kept(first, 'data/two'), 'utf8')).toBe('two')
  })

  it('is left to one rsync where cp cannot link a whole folder', () => {
    maker.make(first)
    note(maker)
    writeFileSync(maker.at('tools/cp'), '#!/bin/sh\n[ "$1" = --version ] && echo GNU && exit\nexit 1\n', {
      mode: 0o755,
    })
    expect(maker.make(second)).toMatchObject({ state: 'good', files: 3, newFiles: 0 })
    expect(noted(maker)).toBe('asked --link-dest')
  })

  it.each([false, true])('lacks what vanished since it was asked for (gate: %s)', (isGated) => {
    maker.isGated = isGated
    mkdirSync(maker.data('folder'))
    writeFileSync(maker.data('folder/four'), 'four')
    maker.make(first)
    writeFileSync(maker.data('two'), 'changed')
    writeFileSync(maker.data('folder/new'), 'new')
    note(maker, `rm -r ${maker.data('two')} ${maker.data('folder')}`)
    const made = maker.make(second)
    expect({
      files: made.files,
      names: made.note.split(': ').map((part) => part.split(', ').sort().join(', ')),
    }).toEqual({
      files: 2,
      names: isGated ? [''] : ['3 files that vanished during the copy', 'folder/four, folder/new, two'],
    })
    expect(readdirSync(maker.kept(second, 'data')).sort()).toEqual(['one', 'three'])
    maker.verify(second)
  })

  it('goes nowhere but through folders', () => {
    const line = (change: string, name: string, link = ''): string =>
      `=${change}||rw-r--r--|0|0|1|2026/11/28-19:00:00|${name}|${link}|${name}\n`
    const wanted = (...listed: readonly string[]): number | null =>
      spawnSync('awk', [wantedAwk], { input: listed.join(''), encoding: 'utf8' }).status
    const [root, link] = [line('.d         ', './'), line('.L         ', 'a', ' -> /tank')]
    expect(wanted(root, line('.d         ', 'a/'), line('>f.st......', 'a/b'))).toBe(0)
    expect(wanted(root, link, line('>f.st......', 'a/b'))).toBe(3)
    expect(wanted(root, link, line('*deleting  ', 'a/b'))).toBe(3)
    expect(wanted(root, link, line('.d         ', 'a/b/'), line('*deleting  ', 'a/b/c'))).toBe(3)
  })

  it('is what a copy of everything would be, and no older snapshot is written to', () => {
    fc.assert(
      fc.property(day, ({ changed, hasLinks, hasLineBreak, hasWarm, isGated }) => {
        const maker = new Maker({ acls: true, xattrs: true })
        try {
          Object.assign(maker, { hasWarm, isGated })
          fill(maker, hasLinks, hasLineBreak)
          maker.make(first)
          const before = wholeOf(maker.kept(first))
          for (const one of changed) change(maker, one)
          maker.allowShrunk = true
          expect(maker.make(second)).toMatchObject({ state: 'good', note: '' })
          expect(maker.differences(second)).toBe('')
          expect(wholeOf(maker.kept(first))).toBe(before)
          maker.verify(second)
          expect(readdirSync(maker.kept(second)).sort()).toEqual([
            'data',
            'manifest',
            'release.json',
            'snapshot.json',
            'snapshot.sum',
          ])
        } finally {
          maker.remove()
        }
      }),
      { numRuns: 15 },
    )
  })
})
