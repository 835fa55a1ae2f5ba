import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { notIntact } from '../../../plugins/rsync-backup/scripts/checked.ts'
import { lacksScript, onItself, sendScript } from '../../../plugins/rsync-backup/scripts/restore.ts'
import { lines, raw, type Script } from '../../../src/index.ts'
import { hasPrograms } from '../../support/programs.ts'
import { first, Maker } from './maker.ts'

/** Names that rsync writes in another way, or that a pattern could take for something else. */
const names = ['plain', 'ünï/cødé', 'line\nbreak/x', 'back\\#134slash', 'tab\there', ' two  spaces ', '*/[a]?', '-v']

describe.skipIf(!hasPrograms('rsync'))('what is brought is compared with the manifest on the way', () => {
  let maker: Maker
  /** A path in the snapshot. */
  const kept = (name: string): string => maker.kept(first, 'data', name)

  function run(script: Script): { readonly code: number | null; readonly said: readonly string[] } {
    const { code, stdout } = maker.attempt(script)
    return { code, said: stdout.split('\n').filter((line) => line !== '') }
  }
  const send = (path?: string) => run(sendText(path))
  const sendText = (path?: string): Script =>
    sendScript(maker.vault, first, maker.options, {
      kind: 'data',
      path,
      folder: maker.at('out'),
      shell: onItself,
      isChecked: true,
    })

  beforeEach(() => {
    maker = new Maker()
    for (const name of names) {
      mkdirSync(dirname(maker.data(name)), { recursive: true })
      writeFileSync(maker.data(name), `content of ${name}`)
    }
    writeFileSync(maker.data('empty'), '')
    linkSync(maker.data('plain'), maker.data('plain-again'))
    symlinkSync('plain', maker.data('link'))
    mkdirSync(maker.data('tree'))
    execFileSync('ln', ['-P', maker.data('link'), maker.data('tree/link-again')])
    symlinkSync('tree', maker.data('by-link'))
    for (const name of ['ünï', '.']) utimesSync(maker.data(name), 1_700_000_000, 1_700_000_000)
    maker.make(first)
  })
  afterEach(() => {
    maker.remove()
  })

  it('all of it, and each path alone', () => {
    expect(send()).toEqual({ code: 0, said: [] })
    for (const path of [
      ...names,
      'ünï',
      'line\nbreak',
      '*',
      'empty',
      'plain-again',
      'link',
      'tree',
      'tree/link-again',
    ]) {
      rmSync(maker.at('out'), { recursive: true, force: true })
      expect(send(path), path).toEqual({ code: 0, said: [] })
    }
  })

  it('one flipped byte, one other mode, one missing file and one more, of all or of a path', () => {
    const { mtime } = statSync(kept('plain'))
    writeFileSync(kept('plain'), 'CONTENT of plain')
    utimesSync(kept('plain'), mtime, mtime)
    chmodSync(kept('empty'), 0o600)
    rmSync(kept('ünï/cødé'))
    writeFileSync(kept('more'), '')
    const { code, said } = send()
    expect(code).toBe(notIntact)
    expect(said.toSorted()).toEqual([
      'differs in content: plain',
      'differs in content: plain-again',
      'differs in mode: empty',
      // What was removed from and added to folders is also told by their times.
      'differs in time: ./',
      String.raw`differs in time: \#303\#274n\#303\#257/`,
      String.raw`missing \#303\#274n\#303\#257/c\#303\#270d\#303\#251`,
      'new more',
    ])
    expect(send('plain')).toEqual({ code: notIntact, said: ['differs in content: plain'] })
    expect(send('more')).toEqual({ code: notIntact, said: ['new more'] })
    expect(send('ünï').code).toBe(notIntact)
  })

  it('a snapshot is the same one in another time zone', () => {
    expect(run(lines(raw('TZ=America/New_York; export TZ'), sendText()))).toEqual({ code: 0, said: [] })
  })

  it('where rsync could not do all, what was sent is compared', () => {
    // rsync makes no room for a file where there is a folder with something in it.
    mkdirSync(maker.at('out/empty/full'), { recursive: true })
    expect(send('empty')).toEqual({ code: 23, said: [] })
    writeFileSync(kept('plain'), 'something else')
    const { code, said } = send()
    expect([code, said.toSorted()]).toEqual([
      notIntact,
      ['differs in content size: plain', 'differs in content size: plain-again'].map((line): unknown =>
        expect.stringMatching(new RegExp(`^${line.replace('size', 'size( time)?')}$`)),
      ),
    ])
  })

  it('a path behind a link is none of the snapshot', () => {
    const paths = ['data/tree/link-again', 'data/by-link', 'data/by-link/link-again', 'data/gone']
    expect(run(lacksScript(maker.vault, first, paths)).said).toEqual(['data/by-link/link-again', 'data/gone'])
  })

  it('what is not asked for is not in the way', () => {
    writeFileSync(kept('plain'), 'something else')
    expect(send('empty')).toEqual({ code: 0, said: [] })
  })

  it('nothing is sent by a manifest that was changed', () => {
    appendFileSync(maker.kept(first, 'manifest'), '\n')
    expect(send()).toEqual({ code: notIntact, said: ['the manifest itself was changed'] })
    expect(() => statSync(maker.at('out'))).toThrow('ENOENT')
  })
})
