import { randomBytes } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { meaning, meaningFunction } from '../../../plugins/rsync-backup/scripts/meaning.ts'
import { lines, sh } from '../../../src/index.ts'
import { hasPrograms } from '../../support/programs.ts'
import { Maker } from './maker.ts'

const id = '20261122T140311Z'
const changed =
  'files changed while they were copied, as a log that is truncated does: back up again, or leave them out with exclude'

describe.skipIf(!hasPrograms('rsync'))('a log that is truncated while it is copied', () => {
  let maker: Maker

  /** Copies, and the log is truncated once its first bytes were sent. What both forms of the same words say of it. */
  function said(): readonly string[] {
    const { code, stderr } = maker.attempt(maker.passText(id, maker.begin(id), 'data'))
    expect(code, stderr).toBe(23)
    writeFileSync(maker.at('errors'), stderr)
    const told = maker.run(lines(meaningFunction, sh`meaning 23 ${maker.at('errors')}`)).trim()
    return [meaning(23, stderr), told]
  }

  beforeEach(() => {
    maker = new Maker()
    maker.actAsNobody()
    maker.relay = maker.at('tools/relay')
    const text = `#!/bin/sh
shift
"$@" | { dd bs=1000 count=2000 2>/dev/null; : >${maker.data('log')}; exec cat; }
`
    writeFileSync(maker.at('tools/relay'), text, { mode: 0o755 })
    writeFileSync(maker.data('log'), randomBytes(20_000_000))
    chmodSync(maker.data('log'), 0o666)
    writeFileSync(maker.data('other'), 'other')
  })
  afterEach(() => {
    maker.remove()
  })

  it('is told as that, and not as what cannot be read', () => {
    expect(said()).toEqual([changed, changed])
  })

  it('does not hide what cannot be read', () => {
    chmodSync(maker.data('other'), 0)
    const unread = 'some files could not be read, and part of the data is not a snapshot'
    expect(said()).toEqual([unread, unread])
  })
})
