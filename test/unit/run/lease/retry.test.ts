import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fleet, type Fleet } from '../../../support/fleet.ts'
import { shellTask } from '../../../support/shell-task.ts'

/** A run of two services that finds the second one in the hands of a run which began later, and is about to yield. */
function besideRival(): Fleet {
  const run = fleet(['t'], {
    instances: ['blog/native', 'shop/native'],
    tasks: { t: shellTask('touch ran') },
    lease: true,
  })
  mkdirSync(rivalsIn(run), { recursive: true })
  const owner = JSON.stringify({ service: 'shop', run: '20261122T140311Z-ffff' })
  const files = { run: '20261122T140311Z-ffff', phase: 'taking', owner, beat: String(Math.floor(uptime())) }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(rivalsIn(run), name), `${text}\n`)
  return run
}

function rivalsIn({ root }: Fleet): string {
  return join(root, 'web1/shop/.srv/lease')
}

/** Calls something before the command with this number is sent. */
function atCommand({ pool }: Fleet, number: number, act: () => void): void {
  pool.onSend = () => {
    if (pool.sent.length === number) act()
  }
}

function holders(run: Fleet): readonly (string | undefined)[] {
  return ['blog', 'shop'].map((service) => run.file('web1', `${service}/.srv/lease/run`))
}

test('a run that had to try again gives back what its first try took', async () => {
  const run = besideRival()
  atCommand(run, 2, () => {
    expect(holders(run)).toEqual(['20261122T140311Z-1f3a\n', '20261122T140311Z-ffff\n'])
    rmSync(rivalsIn(run), { recursive: true })
  })
  expect((await run.run()).exitCode).toBe(0)
  expect(run.file('web1', 'ran')).toBe('')
  expect(holders(run)).toEqual([undefined, undefined])
})

test('a run that is interrupted after its second try gives back what its first try took', async () => {
  const run = besideRival()
  atCommand(run, 3, run.abort)
  expect((await run.run()).status).toBe('cancelled')
  expect(run.file('web1', 'ran')).toBeUndefined()
  expect(holders(run)).toEqual([undefined, '20261122T140311Z-ffff\n'])
})
