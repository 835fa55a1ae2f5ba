import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { raw, sh } from '../../../src/shell/script.ts'
import { isRunning } from '../../support/processes.ts'
import { eachAnew, folder, ids, install, last, made, pings, runFile, shell, told, type Made } from './scheduled.ts'

eachAnew()

/** A minute between tries is over at once, and noted. */
function noMinutes(it: Made): { readonly run: () => ReturnType<typeof shell>; readonly minutes: () => number } {
  const tools = join(folder, 'tools')
  mkdirSync(tools)
  const sleep = `#!/bin/sh\n[ "$1" = 60 ] || exec /bin/sleep "$1"\necho over >>${folder}/minutes\n`
  writeFileSync(join(tools, 'sleep'), sleep, { mode: 0o755 })
  const minutes = (): number => {
    const file = join(folder, 'minutes')
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0
  }
  return { run: () => shell(`PATH=${tools}:$PATH sh '${it.site.home}/run'`), minutes }
}

/** Has the rsync of the host end as one does whose connection breaks, as long as a test of a shell says so. */
function breakWhen(it: Made, test: string): void {
  const gate = join(it.site.gate, 'gate')
  const broken = readFileSync(gate, 'utf8').replace(
    'exec rsync --server',
    `if ${test}; then exit 5; fi; exec rsync --server`,
  )
  writeFileSync(gate, broken)
}

it('tries a copy three times whose link breaks, having the lease each time, and tells of it once', async () => {
  const it = made({ ping: pings() })
  await install(it)
  breakWhen(it, 'true')
  const { run, minutes } = noMinutes(it)
  const { code, said } = await run()
  const note = 'the data of shop on web1 could not be copied: rsync ended with exit code 12'
  expect([code, said.split('\n').filter((line) => line === note).length, minutes()]).toEqual([10, 3, 2])
  expect(said.split('\n').at(-1)).toBe(note)
  expect(last(it)).toMatchObject({ code: 10, note })
  expect(told).toEqual(['POST /check/start', 'POST /check/fail'])
  expect(existsSync(join(it.paths.state, 'lease'))).toBe(false)
})

it('makes a snapshot once the link does not break any more, with the service held again', async () => {
  const it = made({ ping: pings() }, { consistency: 'stop' })
  await install(it)
  // The first copy is whole, the second breaks.
  breakWhen(it, `echo >>${folder}/copies && [ "$(grep -c '' ${folder}/copies)" = 2 ]`)
  const { run, minutes } = noMinutes(it)
  const { code, said } = await run()
  expect([code, minutes()], said).toEqual([0, 1])
  expect(ids(it)).toHaveLength(1)
  expect(readdirSync(it.vault.base).filter((name) => name.startsWith('.staging'))).toEqual([])
  expect(readFileSync(it.events, 'utf8')).toMatch(/^stop\nresume\nstop\nresume\nstop\nproved shop\nresume\n$/)
  expect(last(it)).toMatchObject({ code: 0 })
  expect(told).toEqual(['POST /check/start', 'POST /check'])
  expect(readFileSync(join(it.site.home, 'log'), 'utf8')).toContain('the way to web1 broke: trying again in a minute\n')
})

it('copies once more what a log was truncated in the middle of', async () => {
  const it = made({ ping: pings() })
  await install(it)
  const log = join(it.paths.data, 'log')
  writeFileSync(log, randomBytes(20_000_000))
  const gate = join(it.site.gate, 'gate')
  const cut = `[ -s '${log}' ] || exec $1; $1 | { dd bs=1000 count=2000 2>/dev/null; : >'${log}'; exec cat; }; exit`
  writeFileSync(gate, readFileSync(gate, 'utf8').replace(/exec (rsync --server.*)/, cut))
  const { run, minutes } = noMinutes(it)
  const { code, said } = await run()
  expect([code, minutes()], said).toEqual([0, 1])
  expect(said).toContain('files of shop on web1 changed while they were copied: trying again in a minute\n')
  const [id = ''] = ids(it)
  expect(readdirSync(join(it.vault.base, id, 'data')).sort()).toEqual(['log', 'one'])
  expect(told).toEqual(['POST /check/start', 'POST /check'])
})

it('ends a dump that does not end, on the host, and tells of it', async () => {
  const command = 'echo locked >&2; echo $$ >"$SRV_DATA/pid"; exec sleep 3217'
  const it = made({ ping: pings() }, { dumps: [{ kind: 'dump', name: 'db', command }], dumpSeconds: 2 })
  await install(it)
  const { code, said } = await runFile(it)
  const note = 'shop on web1 could not be dumped: the dump db did not end within 2 s'
  expect([code, said.split('\n').slice(1)]).toEqual([10, [`${note.split(': ')[1] ?? ''}:`, 'locked', note]])
  expect(last(it)).toMatchObject({ code: 10, note })
  expect(told).toEqual(['POST /check/start', 'POST /check/fail'])
  expect([existsSync(join(it.paths.state, 'lease')), ids(it)]).toEqual([false, []])
  const pid = Number(readFileSync(join(it.paths.data, 'pid'), 'utf8'))
  await expect.poll(() => isRunning(pid)).toBe(false)
})

it('asks for the data once what a dead restore left of them is put back', async () => {
  const it = made()
  await install(it)
  const timer = join(it.paths.state, 'timer')
  mkdirSync(timer, { recursive: true })
  renameSync(it.paths.data, `${it.paths.data}.before-dead`)
  writeFileSync(
    join(timer, 'run'),
    `[ -e '${it.paths.data}' ] || mv '${it.paths.data}.before-dead' '${it.paths.data}'\n`,
  )
  const { code, said } = await runFile(it)
  expect(code, said).toBe(0)
  const [id = ''] = ids(it)
  expect(readdirSync(join(it.vault.base, id, 'data'))).toEqual(['one'])
})

it('does not take for data what is left of them once the lease is its own', async () => {
  const it = made()
  await install(it)
  const gate = join(it.site.gate, 'gate')
  // Whoever has had the lease until then has taken the disk away.
  const emptied = `\nlease)\n  rm -f '${it.paths.data}/one'\n`
  writeFileSync(
    gate,
    readFileSync(gate, 'utf8').replace('\nlease)\n', () => emptied),
  )
  const { code, said } = await runFile(it)
  expect([code, said.split('\n').at(-1)]).toEqual([
    9,
    `there is no data of shop on web1 to copy: ${it.paths.data} is empty`,
  ])
  expect(ids(it)).toEqual([])
})

it('tells of a suspect snapshot', async () => {
  const it = made({ ping: pings() })
  await install(it)
  for (const name of ['two', 'three', 'four']) writeFileSync(join(it.paths.data, name), `${name}\n`)
  expect((await runFile(it)).code).toBe(0)
  told.length = 0
  const [first = ''] = ids(it)
  renameSync(join(it.vault.base, first), join(it.vault.base, '20260101T000000Z'))
  for (const name of ['two', 'three', 'four']) rmSync(join(it.paths.data, name))
  const { code, said } = await runFile(it)
  expect([code, said.split('\n').at(-1)]).toEqual([
    10,
    expect.stringMatching(/is suspect: less than half of 20260101T000000Z: 1 file, 4 B instead of 4 files, 19 B$/),
  ])
  expect(last(it)).toMatchObject({ code: 10 })
  expect(told).toEqual(['POST /check/start', 'POST /check/fail'])
})

it('keeps the snapshot of a service that is not healthy once it is back, and tells of that', async () => {
  const it = made({ ping: pings() }, { consistency: 'stop' })
  const proved = () => raw(`echo 'answered 500' >&2; echo 'its own log' >&2; false; echo 'not reached' >&2`)
  await install({ ...it, gated: { ...it.gated, quiet: { ...it.gated.quiet, proved } } })
  const { code, said } = await runFile(it)
  const note = 'shop on web1 was brought back up after its data was copied, and is not healthy: answered 500'
  expect([code, said.split('\n').at(-1)], said).toEqual([10, note])
  expect(said).toContain('its own log')
  expect(said).not.toContain('not reached')
  expect(last(it)).toMatchObject({ code: 10, note })
  expect(ids(it)).toHaveLength(1)
  expect(readFileSync(it.events, 'utf8')).toBe('stop\nresume\nresume\n')
  expect(told).toEqual(['POST /check/start', 'POST /check/fail'])
})

it('makes no snapshot of data that went away while they were copied', async () => {
  const it = made({}, { consistency: 'stop' })
  const held = () => sh`mv ${it.paths.data} ${`${it.paths.data}.gone`}`
  await install({ ...it, gated: { ...it.gated, quiet: { ...it.gated.quiet, held } } })
  const { code, said } = await runFile(it)
  const note = `the data of shop on web1 disappeared while it was being copied: there is no ${it.paths.data}`
  expect([code, said.split('\n').at(-1)]).toEqual([9, note])
  expect(ids(it)).toEqual([])
})

it('tells of a service that did not come back when the lease ended', async () => {
  const it = made({ ping: pings() }, { consistency: 'stop' })
  const resume = () => sh`echo resume >>${it.events}; [ "$(grep -c resume ${it.events})" = 1 ]`
  await install({ ...it, gated: { ...it.gated, quiet: { ...it.gated.quiet, resume } } })
  const { code } = await runFile(it)
  const note = 'shop on web1 did not come back up as it was'
  expect(code).toBe(10)
  expect(last(it)).toMatchObject({ code: 10, note })
  expect(told).toEqual(['POST /check/start', 'POST /check/fail'])
})

it('says that a snapshot is there when only what is done behind it failed', async () => {
  const it = made({})
  await install(it)
  mkdirSync(join(it.vault.base, 'latest/folder'), { recursive: true })
  const { code } = await runFile(it)
  const [id = ''] = ids(it)
  const note = `the snapshot ${id} of shop on web1 was published, but what is done behind that failed: mv: `
  expect(code).toBe(10)
  expect(last(it)).toMatchObject({ code: 10, note: expect.stringContaining(note) })
})
