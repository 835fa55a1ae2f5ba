import { randomBytes } from 'node:crypto'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Begun } from '../../../plugins/rsync-backup/scripts/begin.ts'
import { verifyScript } from '../../../plugins/rsync-backup/scripts/verify.ts'
import type { Snapshot } from '../../../plugins/rsync-backup/snapshot.ts'
import { hostGate } from '../../../plugins/rsync-backup/way/gate.ts'
import { expectScript, pushScript, receivedScript, type Pushed } from '../../../plugins/rsync-backup/way/pushed.ts'
import { display, lines, sh, type Script } from '../../../src/shell/script.ts'
import { hasPrograms } from '../../support/programs.ts'
import { first, Maker, second, third } from './maker.ts'

/** Before 3.5 a name stands in rsync's log as it is: what stands there of control characters is undone. */
const raw = `"$rsync" "$@"
code=$?
case $* in *--log-file=*) LC_ALL=C sed -i 's/\\\\#015/\r/g; s/\\\\#012/\\n/g; s/\\\\#134/\\\\/g' log.rsync ;; esac
exit "$code"
`

describe.skipIf(!hasPrograms('rsync', 'flock'))('a snapshot that a host sends by itself', () => {
  let maker: Maker
  let tag: string
  const withHome = (script: Script): Script => lines(sh`HOME=${maker.at('home')}; export HOME`, script)

  /** The far end of a connection is the gate, as sshd would start it. */
  function connect(): void {
    const gate = maker.at('home/.ssh', tag, 'gate')
    mkdirSync(dirname(gate), { recursive: true })
    mkdirSync(join('/tmp', tag))
    writeFileSync(gate, display(hostGate))
    writeFileSync(
      join('/tmp', tag, 'reach'),
      `shift\nSSH_ORIGINAL_COMMAND="$*"\nexport SSH_ORIGINAL_COMMAND\nexec sh '${gate}'\n`,
    )
  }

  function push(id: string, begun: Begun, into: Pushed['into'] = 'data'): void {
    const { vault, options } = maker
    const hasWarm = maker.hasWarm && into === 'data'
    const pass = { vault, options, settings: { exclude: [] }, id, begun, from: maker.data(), into, hasWarm }
    const pushed = { ...pass, tag, service: 'shop' }
    maker.run(withHome(expectScript(pushed)))
    maker.run(pushScript(pushed))
    maker.run(receivedScript(pass, undefined))
  }
  function make(id: string): Snapshot {
    const begun = maker.begin(id)
    if (maker.hasWarm) push(id, begun, 'warm')
    push(id, begun)
    maker.run(maker.sealText(id, begun))
    return maker.described(id)
  }
  const manifest = (id: string): string => readFileSync(maker.kept(id, 'manifest'), 'utf8')
  const linesOf = (id: string): readonly string[] => manifest(id).trimEnd().split('\n')
  /** Every entry is in the manifest, as the disk has it. */
  const expectTrue = (id: string): void => {
    const { code, stdout } = maker.attempt(verifyScript(maker.vault, id, maker.options, 'full'))
    expect([code, stdout]).toEqual([0, ''])
  }
  function write(name: string, content: string | Buffer): void {
    mkdirSync(dirname(maker.data(name)), { recursive: true })
    writeFileSync(maker.data(name), content)
    utimesSync(maker.data(name), 1_700_000_000, 1_700_000_000)
  }

  beforeEach(() => {
    maker = new Maker()
    tag = `srv-test-${randomBytes(4).toString('hex')}`
    connect()
    for (const name of ['one', 'ünï', 'lit\\#012', 'zzz']) write(name, `content of ${name}`)
  })
  afterEach(() => {
    rmSync(join('/tmp', tag), { recursive: true, force: true })
    maker.remove()
  })

  const long = `${`${'d'.repeat(199)}/`.repeat(5)}long`
  const names: readonly (readonly [string, readonly string[]])[] = [
    ['a name that is too long for a line of the log', [long, `${long}er`]],
    ['a carriage return in a name', ['Icon\r', 'b']],
    ['a line break in a name', ['a\nb', 'b']],
  ]
  describe.each(['now', 'before 3.5'])('by an rsync of %s', (age) => {
    beforeEach(() => {
      if (age !== 'now') maker.beforeRsync(raw)
    })

    it.each(names)('has every entry: %s', (_, more) => {
      for (const name of more) write(name, `content of ${name}`)
      expect(make(first)).toMatchObject({ state: 'good', files: 4 + more.length })
      expectTrue(first)
      for (const name of ['one', ...more]) write(name, `later: ${name}`)
      expect(make(second)).toMatchObject({ state: 'good', files: 4 + more.length, note: '' })
      expectTrue(second)
      expect(statSync(maker.kept(second, 'data/zzz')).ino).toBe(statSync(maker.kept(first, 'data/zzz')).ino)
    })

    it('does not believe a name that is a line of its own', () => {
      const sum = '0'.repeat(32)
      write('one', 'x')
      write(`0\n2026/11/28 12:00:00 [1] =>f+++++++++|${sum}|rw-r--r--|0|0|1|2023/11/14-22:13:20|one||one`, 'x')
      expect(make(first)).toMatchObject({ state: 'good' })
      expect(manifest(first)).not.toContain(`f ${sum} `)
      expectTrue(first)
    })
  })

  it('reads nothing again where the log tells all', () => {
    write('sub/Iñ', 'x')
    for (const name of ['aaa', 'zzzz']) linkSync(maker.data('zzz'), maker.data(name))
    symlinkSync('ünï', maker.data('link'))
    make(first)
    const reads = maker.at('reads')
    maker.beforeRsync(`case "$* " in *' -n '*'--checksum '*) echo read >>'${reads}' ;; esac`)
    write('one', 'later')
    expect(make(second)).toMatchObject({ state: 'good', newFiles: 1, newBytes: 5 })
    expect(existsSync(reads)).toBe(false)
    const changed = linesOf(second).filter((line) => !linesOf(first).includes(line))
    expect(changed).toEqual([expect.stringMatching(/ one$/)])
    expectTrue(second)
  })

  it.each([false, true])('tells what rotted on its disk also then; it is copied twice: %s', (hasWarm) => {
    maker.hasWarm = hasWarm
    write('a\nb', 'x')
    make(first)
    const { atime, mtime } = statSync(maker.kept(first, 'data/one'))
    writeFileSync(maker.kept(first, 'data/one'), 'c\0ntent of one')
    utimesSync(maker.kept(first, 'data/one'), atime, mtime)
    write('two', 'two')
    expect(make(second)).toMatchObject({
      state: 'suspect',
      note: expect.stringContaining('after it was written: one.'),
    })
    // The next one compares all content with that of the host.
    expect(make(third)).toMatchObject({ state: 'good', note: '' })
    expectTrue(third)
    expect(readFileSync(maker.kept(third, 'data/one'), 'utf8')).toBe('content of one')
  })
})
