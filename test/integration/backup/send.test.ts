import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { passScript } from '../../../plugins/rsync-backup/scripts/copy.ts'
import { onItself, sendScript } from '../../../plugins/rsync-backup/scripts/restore.ts'
import { optionsSchema, settingsSchema } from '../../../plugins/rsync-backup/options.ts'
import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { render } from '../../../src/shell/script.ts'
import { accountsIn, noAccounts, type Account, type Accounts } from '../../support/accounts.ts'
import { hasPrograms } from '../../support/programs.ts'
import { Maker } from './maker.ts'

const id = '20261122T140311Z'

describe.skipIf(noAccounts !== undefined || !hasPrograms('rsync'))(
  'a keeper that is not root, on the host itself',
  () => {
    let folder: string
    let accounts: Accounts
    let account: Account
    const modeOf = (...parts: readonly string[]): number => statSync(join(account.home, ...parts)).mode & 0o7777

    function run(script: Script): void {
      const text = render(lines(raw('set -eu'), script), () => '')
      execFileSync('runuser', ['-u', account.name, '--', 'sh', '-s'], { input: text, cwd: '/' })
    }

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'srv-send-'))
      chmodSync(folder, 0o755)
      accounts = accountsIn(folder)
      account = accounts.make('keeper', '/bin/sh')
      const data = join(account.home, 'data')
      mkdirSync(join(data, 'closed'), { recursive: true })
      writeFileSync(join(data, 'closed/read-only'), 'one')
      chmodSync(join(data, 'closed/read-only'), 0o440)
      chmodSync(join(data, 'closed'), 0o550)
      execFileSync('chown', ['-R', account.name, data])
    })
    afterEach(() => {
      accounts.remove()
      rmSync(folder, { recursive: true, force: true })
    })

    it.each(['data', 'all'] as const)('gives back the modes that were backed up: %s', (kind) => {
      const { home } = account
      const vault = { on: 'web1', folder: join(home, 'tank'), base: join(home, 'tank/web1/shop') }
      const options = optionsSchema.parse({ to: vault.folder, acls: false, xattrs: false })
      const begun = {
        last: undefined,
        aborted: undefined,
        window: '0',
        checksum: false,
        unchecked: '0',
        algorithm: 'md5',
      }
      const settings = settingsSchema.parse({})
      run(sh`mkdir -p ${join(vault.base, `.staging-${id}`)}`)
      run(passScript({ vault, id, begun, from: join(home, 'data'), options, settings, into: 'data', hasWarm: false }))
      run(sh`mv ${join(vault.base, `.staging-${id}`)} ${join(vault.base, id)}`)
      run(sendScript(vault, id, options, { kind, folder: join(home, 'out'), shell: onItself }))
      const out = kind === 'all' ? 'out/data' : 'out'
      expect([modeOf(out, 'closed'), modeOf(out, 'closed/read-only')]).toEqual([0o550, 0o440])
      run(sendScript(vault, id, options, { kind: 'data', path: 'closed', folder: join(home, 'part'), shell: onItself }))
      expect(modeOf('part/closed')).toBe(0o550)
      expect(existsSync(join(home, 'part/closed/read-only'))).toBe(true)
    })
  },
)

describe.skipIf(!hasPrograms('rsync'))('files with holes', () => {
  const bytes = 1 << 20
  let maker: Maker
  const blocksIn = (folder: string): Readonly<Record<'zeros' | 'sparse', number>> => {
    const blocks = (name: string): number =>
      statSync(maker.at(folder, 'in', name), { throwIfNoEntry: false })?.blocks ?? 0
    return { zeros: blocks('zeros'), sparse: blocks('sparse') }
  }
  const send = (folder: string, path?: string): void => {
    const sending = { kind: 'data', path, folder: maker.at(folder), shell: onItself } as const
    maker.run(sendScript(maker.vault, id, maker.options, sending))
  }

  beforeEach(() => {
    maker = new Maker()
    mkdirSync(maker.data('in'))
    writeFileSync(maker.data('in/text'), 'text')
    maker.make(id)
    // What rsync makes of them in a snapshot would have holes already.
    writeFileSync(maker.kept(id, 'data/in/zeros'), Buffer.alloc(bytes))
  })
  afterEach(() => {
    maker.remove()
  })

  it.each([undefined, 'in'])('have none looked for where there are none (path %s)', (path) => {
    send('plain', path)
    expect(blocksIn('plain').zeros * 512).toBeGreaterThanOrEqual(bytes)
  })

  it.each([undefined, 'in'])('stay so, and take others along (path %s)', (path) => {
    writeFileSync(maker.kept(id, 'data/in/sparse'), 'begins')
    truncateSync(maker.kept(id, 'data/in/sparse'), bytes)
    send('kept', path)
    const { zeros, sparse } = blocksIn('kept')
    expect([zeros < 100, sparse < 100, sparse > 0]).toEqual([true, true, true])
  })
})
