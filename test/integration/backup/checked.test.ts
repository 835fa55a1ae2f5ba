import { execFileSync, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { optionsSchema, settingsSchema } from '../../../plugins/rsync-backup/options.ts'
import { beginScript, readBegun } from '../../../plugins/rsync-backup/scripts/begin.ts'
import { notIntact } from '../../../plugins/rsync-backup/scripts/checked.ts'
import { passScript } from '../../../plugins/rsync-backup/scripts/copy.ts'
import { lacksScript, onItself, sendScript } from '../../../plugins/rsync-backup/scripts/restore.ts'
import { sealScript } from '../../../plugins/rsync-backup/scripts/seal.ts'
import { lines, raw, type Script } from '../../../src/index.ts'
import { render } from '../../../src/shell/script.ts'
import { hasPrograms } from '../../support/programs.ts'

const id = '20261122T140311Z'
/** Names that rsync writes in another way, or that a pattern could take for something else. */
const names = ['plain', 'ünï/cødé', 'line\nbreak/x', 'back\\#134slash', 'tab\there', ' two  spaces ', '*/[a]?', '-v']

describe.skipIf(!hasPrograms('rsync'))('what is brought is compared with the manifest on the way', () => {
  let folder: string
  const at = (...parts: readonly string[]): string => join(folder, ...parts)
  const data = (name: string): string => at('tank/web1/shop', id, 'data', name)

  function run(script: Script): { readonly code: number | null; readonly said: readonly string[] } {
    const input = render(lines(raw('set -eu'), script), () => '')
    const { status, stdout } = spawnSync('sh', ['-s'], { input, encoding: 'utf8' })
    return { code: status, said: stdout.split('\n').filter((line) => line !== '') }
  }
  const vault = () => ({ on: 'web1', folder: at('tank'), base: at('tank/web1/shop') })
  const options = () => optionsSchema.parse({ to: at('tank'), acls: false, xattrs: false })
  const send = (path?: string) => run(sendText(path))
  const sendText = (path?: string): Script =>
    sendScript(vault(), id, options(), { kind: 'data', path, folder: at('out'), shell: onItself, isChecked: true })

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'srv-checked-'))
    for (const name of names) {
      mkdirSync(dirname(at('data', name)), { recursive: true })
      writeFileSync(at('data', name), `content of ${name}`)
    }
    writeFileSync(at('data/empty'), '')
    linkSync(at('data/plain'), at('data/plain-again'))
    symlinkSync('plain', at('data/link'))
    mkdirSync(at('data/tree'))
    execFileSync('ln', ['-P', at('data/link'), at('data/tree/link-again')])
    symlinkSync('tree', at('data/by-link'))
    for (const name of ['ünï', '.']) utimesSync(at('data', name), 1_700_000_000, 1_700_000_000)
    const begun = readBegun(run(beginScript(vault(), id, 10, 'xxh128')).said.join('\n'))
    const settings = settingsSchema.parse({})
    const from = at('data')
    const pass = {
      vault: vault(),
      id,
      begun,
      options: options(),
      settings,
      from,
      into: 'data',
      hasWarm: false,
    } as const
    expect(run(passScript(pass)).code).toBe(0)
    const said = {
      host: 'web1',
      service: 'shop',
      release: 'null',
      releaseId: '',
      before: '',
      allowShrunk: false,
      allowEmpty: false,
    }
    const sealed = sealScript({ ...pass, ...said, startedAt: '2026-11-22T14:03:11.000Z' })
    expect(run(sealed).code).toBe(0)
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
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
      rmSync(at('out'), { recursive: true, force: true })
      expect(send(path), path).toEqual({ code: 0, said: [] })
    }
  })

  it('one flipped byte, one other mode, one missing file and one more, of all or of a path', () => {
    const { mtime } = statSync(data('plain'))
    writeFileSync(data('plain'), 'CONTENT of plain')
    utimesSync(data('plain'), mtime, mtime)
    chmodSync(data('empty'), 0o600)
    rmSync(data('ünï/cødé'))
    writeFileSync(data('more'), '')
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
    mkdirSync(at('out/empty/full'), { recursive: true })
    expect(send('empty')).toEqual({ code: 23, said: [] })
    writeFileSync(data('plain'), 'something else')
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
    expect(run(lacksScript(vault(), id, paths)).said).toEqual(['data/by-link/link-again', 'data/gone'])
  })

  it('what is not asked for is not in the way', () => {
    writeFileSync(data('plain'), 'something else')
    expect(send('empty')).toEqual({ code: 0, said: [] })
  })

  it('nothing is sent by a manifest that was changed', () => {
    appendFileSync(join(data('..'), 'manifest'), '\n')
    expect(send()).toEqual({ code: notIntact, said: ['the manifest itself was changed'] })
    expect(() => statSync(at('out'))).toThrow('ENOENT')
  })
})
