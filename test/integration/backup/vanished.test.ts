import { existsSync, readlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasPrograms } from '../../support/programs.ts'
import { first, Maker, second, third } from './maker.ts'

describe.skipIf(!hasPrograms('rsync'))('files that vanish while they are copied', () => {
  let maker: Maker
  const name = (number: number): string => `file-${String(number).padStart(4, '0')}`

  function fill(many: number): void {
    for (let number = 1; number <= many; number++) writeFileSync(maker.data(name(number)), 'content')
  }
  /** From now on files go once rsync has asked for the first ones: it knows of all of them by then. */
  function lose(from: number, to: number): void {
    maker.relay = maker.at('tools/relay')
    const gone = `for number in $(seq -f %04.0f ${String(from)} ${String(to)}); do rm -f ${maker.data('file-$number')}; done`
    const text = `#!/bin/sh
shift
asked=${maker.at('asked')}
rm -f "$asked"
mkfifo "$asked"
exec 3<&0
{ dd bs=1 count=400 2>/dev/null; ${gone}; exec cat; } <&3 >"$asked" & asking=$!
"$@" <"$asked"
code=$?
kill "$asking"
exit "$code"
`
    writeFileSync(maker.relay, text, { mode: 0o755 })
  }

  beforeEach(() => {
    maker = new Maker()
  })
  afterEach(() => {
    maker.remove()
  })

  it('are a note when they are few', () => {
    fill(100)
    lose(90, 92)
    const names = [90, 91, 92].map((number) => maker.data(name(number))).join(', ')
    const note = `3 files that vanished during the copy: ${names}`
    expect(maker.make(first)).toMatchObject({ state: 'good', files: 97, note })
    expect(existsSync(maker.kept(first, 'vanished'))).toBe(false)
  })

  it('make it suspect when they are many, unless somebody says that this is right', () => {
    fill(50)
    maker.make(first)
    fill(100)
    lose(61, 100)
    const note = expect.stringMatching(/^40 files that vanished during the copy: .*file-0061, .*file-0063 and others$/)
    expect(maker.make(second)).toMatchObject({ state: 'suspect', files: 60, note })
    expect(readlinkSync(maker.kept('latest'))).toBe(first)
    fill(100)
    maker.allowShrunk = true
    expect(maker.make(third)).toMatchObject({ state: 'good', files: 60, note })
  })

  it('are no note of what is copied twice, when they are gone between the two', () => {
    maker.hasWarm = true
    fill(100)
    lose(61, 100)
    expect(maker.make(first)).toMatchObject({ state: 'good', files: 60, note: '' })
  })
})
