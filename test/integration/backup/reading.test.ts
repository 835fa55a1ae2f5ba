import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { env } from 'node:process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { strangerScript } from '../../../plugins/rsync-backup/scripts/owners.ts'
import { keepSchema } from '../../../plugins/rsync-backup/retention/policy.ts'
import { pruneScript } from '../../../plugins/rsync-backup/scripts/prune.ts'
import { notThere } from '../../../plugins/rsync-backup/scripts/reading.ts'
import { lacksScript, ledOutScript, onItself, sendScript } from '../../../plugins/rsync-backup/scripts/restore.ts'
import { takesScript } from '../../../plugins/rsync-backup/scripts/room.ts'
import { verifyScript } from '../../../plugins/rsync-backup/scripts/verify.ts'
import { lines, raw, render, type Script } from '../../../src/shell/script.ts'
import { hasPrograms } from '../../support/programs.ts'
import { first, Maker, second } from './maker.ts'

describe.skipIf(!hasPrograms('rsync', 'flock'))('a snapshot that is read', () => {
  let maker: Maker
  const prune = (): string => maker.run(pruneScript(maker.vault, keepSchema.parse({ last: 1 })))

  beforeEach(() => {
    maker = new Maker()
    writeFileSync(maker.data('one'), 'one')
    maker.make(first)
    maker.make(second)
  })
  afterEach(() => {
    maker.remove()
  })

  it.each<readonly [string, () => Script]>([
    ['to be verified', () => verifyScript(maker.vault, first, maker.options, 'full')],
    [
      'to be restored elsewhere',
      () =>
        sendScript(maker.vault, first, maker.options, {
          kind: 'data',
          folder: maker.at('there'),
          shell: onItself,
          isChecked: true,
        }),
    ],
  ])('is passed over by a prune, which does not wait: %s', async (_, script) => {
    // Its first rsync says that it runs, and goes on once the test lets it.
    const [begun, go] = [maker.at('begun'), maker.at('go')]
    maker.beforeRsync(`: >'${begun}'\nuntil [ -e '${go}' ]; do sleep 0.05; done`)
    const reader = spawn('sh', ['-s'], {
      env: { ...env, PATH: `${maker.at('tools')}:${env['PATH'] ?? ''}` },
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    const ended = once(reader, 'exit')
    reader.stdin.end(render(lines(raw('set -eu'), script()), () => ''))
    await expect.poll(() => existsSync(begun), { timeout: 30_000, interval: 50 }).toBe(true)
    expect(prune()).toBe(`keep ${second} last, the last good one\nremove ${first}\nreading ${first}\n`)
    expect(maker.ids()).toEqual([first, second])
    writeFileSync(go, '')
    expect(await ended).toEqual([0, null])
    expect(prune()).not.toContain('reading')
    expect([maker.ids(), maker.hidden()]).toEqual([[second], []])
    maker.nothingBeforeRsync()
    const { code, stderr } = maker.attempt(script())
    expect([code, stderr]).toEqual([notThere, `there is no snapshot ${first} in ${maker.vault.base}\n`])
  })

  it.each<readonly [string, (id: string) => Script]>([
    ['what it lacks', (id) => lacksScript(maker.vault, id, ['data/one'])],
    ['where its links lead', (id) => ledOutScript(maker.vault, id, ['one'])],
    ['how much room it takes', (id) => takesScript(maker.vault, id)],
    ['whose its files are', (id) => strangerScript(maker.vault, id, { user: '1', groups: '1' }, {})],
  ])('is said to be gone once it was pruned, by whoever asks %s', (_, script) => {
    maker.run(script(first))
    prune()
    const { code, stderr } = maker.attempt(script(first))
    expect([code, stderr]).toEqual([notThere, `there is no snapshot ${first} in ${maker.vault.base}\n`])
    maker.run(script(second))
  })
})
