import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freePort } from '../tasks/deployed.ts'
import { eachAnew, heard, ids, install, last, made, pings, runFile, told, type Made } from './scheduled.ts'

eachAnew()

const unheard = 'a ping was not accepted'
const log = ({ site }: Made): string => readFileSync(join(site.home, 'log'), 'utf8')
const apart = () => ({ start: pings('/begun'), success: pings('/fine'), failure: pings('/wrong') })

describe('three addresses', () => {
  it('are told of the start and of success, with what the run said', async () => {
    const it = made({ ping: apart() })
    await install(it)
    const { code, said } = await runFile(it)
    expect(code, said).toBe(0)
    const [id = ''] = ids(it)
    expect(told).toEqual(['POST /begun', 'POST /fine'])
    expect(heard).toEqual(['backup of shop on web1\n', log(it)])
    expect(heard[1]).toContain(`\ngood snapshot ${id}, files: 1, `)
    expect(last(it)).toMatchObject({ code: 0, note: `snapshot ${id}` })
  })

  it('are told of the start and of failure, with its reason', async () => {
    const it = made({ ping: apart() })
    await install(it)
    rmSync(join(it.paths.data, 'one'))
    expect((await runFile(it)).code).toBe(9)
    expect(told).toEqual(['POST /begun', 'POST /wrong'])
    expect(heard[1]).toMatch(/\nthere is no data of shop on web1 to copy: \S+ is empty\n$/)
  })

  it('need not be three', async () => {
    const it = made({ ping: { success: pings('/fine') } })
    await install(it)
    expect((await runFile(it)).code).toBe(0)
    expect(told).toEqual(['POST /fine'])
    rmSync(join(it.paths.data, 'one'))
    expect((await runFile(it)).code).toBe(9)
    expect(told).toEqual(['POST /fine'])
  })
})

describe.each([
  ['nobody listens', async () => `http://127.0.0.1:${String(await freePort())}/secret`],
  ['nobody knows of', () => Promise.resolve(pings('/unknown'))],
])('an address where %s', (_, address) => {
  it.each(['start', 'success'] as const)('fails no backup, and is told: %s', async (when) => {
    const url = await address()
    const it = made({ ping: { ...apart(), [when]: url } })
    await install(it)
    const { code, said } = await runFile(it)
    expect(code, said).toBe(0)
    const [id = ''] = ids(it)
    expect(existsSync(join(it.vault.base, id, 'snapshot.json'))).toBe(true)
    expect(told.filter((one) => one !== 'POST /unknown')).toEqual([when === 'start' ? 'POST /fine' : 'POST /begun'])
    expect([said, log(it)]).toEqual([expect.stringContaining(unheard), expect.stringContaining(`${unheard}\n`)])
    expect(log(it)).not.toContain(url)
    expect(last(it)).toMatchObject({ code: 0, note: `snapshot ${id}; ${unheard}` })
  })

  it('does not hide why a backup failed', async () => {
    const it = made({ ping: { ...apart(), failure: await address() } })
    await install(it)
    rmSync(join(it.paths.data, 'one'))
    expect((await runFile(it)).code).toBe(9)
    const note = `there is no data of shop on web1 to copy: ${it.paths.data} is empty; ${unheard}`
    expect(last(it)).toMatchObject({ code: 9, note })
  })
})
