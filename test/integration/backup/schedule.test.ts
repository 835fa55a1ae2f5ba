import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { env as environment } from 'node:process'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { scheduleRun } from '../../../plugins/rsync-backup/schedule/gate.ts'
import { openGate, shutGate } from '../../../plugins/rsync-backup/schedule/host.ts'
import { keepSchema } from '../../../plugins/rsync-backup/retention/policy.ts'
import { filesScript, prepareKeeper, tryScript } from '../../../plugins/rsync-backup/schedule/keeper.ts'
import { readSchedule } from '../../../plugins/rsync-backup/schedule/list.ts'
import { ownedScript, ownerFile } from '../../../plugins/rsync-backup/schedule/owner.ts'
import type { Scheduled } from '../../../plugins/rsync-backup/schedule/run.ts'
import { siteOf } from '../../../plugins/rsync-backup/schedule/site.ts'
import { dumpFolder, dumpText } from '../../../plugins/rsync-backup/tasks/dumps.ts'
import { optionsSchema, settingsSchema } from '../../../plugins/rsync-backup/options.ts'
import { placeOn } from '../../../src/config/paths.ts'
import { acquire, leaseTextsOf, release } from '../../../src/run/lease/script.ts'
import { lines, raw, render, sh, type Script } from '../../../src/shell/script.ts'
import { testPlacement } from '../../../src/testing/placement.ts'
import { startSshd, type Sshd } from '../../support/sshd.ts'

let folder: string
let sshd: Sshd
let watcher: Server
let told: string[]

/** What a shell that has nothing of srv comes to, in the home folder of the test. */
function shell(text: string): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn('/bin/sh', ['-s'], {
    env: { PATH: environment['PATH'], HOME: join(folder, 'home') },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (said += part))
  child.stdin.end(text)
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, said: said.trim() })))
}

function textOf(script: Script): string {
  return render(lines(raw('set -e'), script), ({ name }) => `value of ${name}`)
}

async function done(script: Script): Promise<void> {
  const { code, said } = await shell(textOf(script))
  expect(code, said).toBe(0)
}

const service = 'shop'
const serving = { id: '20261122T140311Z-3f9c2a1', subject: 'say "hi" \\ $HOME' }

/** A service whose data are in a folder, and the schedule of a keeper that reaches it over SSH. */
function made(schedule: Readonly<Record<string, unknown>> = {}, settings: Readonly<Record<string, unknown>> = {}) {
  const base = testPlacement({ service, host: { name: 'web1', root: join(folder, 'srv') } })
  const placement = placeOn(base.host, base.service, base.instance)
  const { paths } = placement
  const options = optionsSchema.parse({
    to: `nas:${folder}/tank`,
    acls: false,
    xattrs: false,
    schedule: { at: '03:00', wait: 0, ...schedule },
  })
  if (options.schedule === undefined) throw new Error('no schedule')
  const vault = { on: 'nas', folder: join(folder, 'tank'), base: join(folder, 'tank/web1', service) }
  const site = siteOf(placement, vault)
  const scheduled: Scheduled = { site, options, schedule: options.schedule, settings: settingsSchema.parse(settings) }
  const events = join(folder, 'events')
  const gated = {
    site,
    service: placement.service,
    paths,
    settings: scheduled.settings,
    dumps: dumpText({ settings: scheduled.settings, paths, runId: scheduleRun, inside: () => undefined }),
    dumpFolder: dumpFolder(paths, scheduleRun),
    quiet: {
      hold: (how: string) => sh`echo ${how} >>${events}`,
      held: () => raw(':'),
      ran: () => raw('echo shop'),
      proved: (how: string) => sh`echo ${how} >>${events}; printf 'proved %s\n' "$ran" >>${events}`,
      serving: () => sh`printf '%s\n' ${JSON.stringify(serving)}`,
      resume: () => sh`echo resume >>${events}`,
      lease: (holder: { readonly actor: string; readonly pipeline: string }) =>
        leaseTextsOf({ service, state: paths.state }, holder),
    },
  }
  const way = {
    user: userInfo().username,
    address: sshd.addresses[0] ?? '',
    port: sshd.port,
    hostKey: sshd.hostKeys[0] ?? '',
  }
  const leased = [{ service, state: paths.state }]
  return { placement, paths, site, scheduled, gated, way, leased, vault, events }
}

type Made = ReturnType<typeof made>

/** What `srv schedule install` does, but for the times. */
async function install({ site, scheduled, gated, way }: Made): Promise<void> {
  mkdirSync(site.home, { recursive: true })
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'x', '-f', join(site.home, 'key')])
  const key = readFileSync(join(site.home, 'key.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
  await done(openGate(gated, key))
  await done(filesScript(scheduled, way))
  mkdirSync(gated.paths.data, { recursive: true })
  writeFileSync(join(gated.paths.data, 'one'), 'one\n')
}

const runFile = ({ site }: Made): ReturnType<typeof shell> => shell(`sh '${site.home}/run'`)
const ask = ({ site }: Made, ...words: readonly string[]): ReturnType<typeof shell> =>
  shell(`sh '${site.home}/reach' srv ${words.map((word) => `'${word}'`).join(' ')} </dev/null`)
const ids = ({ vault }: Made): readonly string[] =>
  existsSync(vault.base) ? readdirSync(vault.base).filter((name) => /^\d{8}T\d{6}Z$/.test(name)) : []
const last = ({ site }: Made): unknown => JSON.parse(readFileSync(join(site.home, 'last'), 'utf8'))

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'srv-schedule-'))
  mkdirSync(join(folder, 'home'))
  sshd = await startSshd({
    addresses: ['127.9.31.1'],
    config: [`AuthorizedKeysFile ${folder}/home/.ssh/authorized_keys`, `SetEnv HOME=${folder}/home`],
  })
  told = []
  watcher = createServer((request, response) => {
    request.resume().on('end', () => {
      told.push(`${request.method ?? ''} ${request.url ?? ''}`)
      response.end()
    })
  }).listen(0, '127.0.0.1')
  await once(watcher, 'listening')
})
afterEach(async () => {
  watcher.closeAllConnections()
  watcher.close()
  await sshd.stop()
  rmSync(folder, { recursive: true, force: true })
})

const pings = (): string => `http://127.0.0.1:${String((watcher.address() as AddressInfo).port)}/check`

it('makes snapshots without srv, with one log-in each, and tells of them', async () => {
  const it = made({ ping: pings() }, { consistency: 'stop' })
  await install(it)
  const first = await runFile(it)
  expect(first.code, first.said).toBe(0)
  expect(sshd.logins()).toBe(1)
  const [id = ''] = ids(it)
  expect(readFileSync(join(it.vault.base, id, 'data/one'), 'utf8')).toBe('one\n')
  expect(JSON.parse(readFileSync(join(it.vault.base, id, 'snapshot.json'), 'utf8'))).toMatchObject({
    id,
    state: 'good',
    files: 1,
    host: 'web1',
    service,
    release: serving.id,
  })
  expect(readFileSync(join(it.vault.base, id, 'release.json'), 'utf8')).toBe(`${JSON.stringify(serving)}\n`)
  expect(readFileSync(it.events, 'utf8')).toBe('stop\nresume\nstop\nproved shop\nresume\n')
  expect(existsSync(join(it.paths.state, 'lease'))).toBe(false)
  expect(last(it)).toMatchObject({ code: 0, note: `snapshot ${id}` })
  expect(told).toEqual(['POST /check/start', 'POST /check'])
})

it('lets the key do what a backup does, and nothing else', async () => {
  const it = made()
  await install(it)
  const { code, said } = await ask(it, 'source', 'x')
  expect([code, said.replace(/of \S+/, 'of machine')]).toEqual([
    0,
    `${it.paths.data}\nof machine ${it.paths.service}\nxxh128`,
  ])
  const refused = { code: 9, said: 'srv: this is not allowed here' }
  const server = ['rsync', '--server', '--sender']
  for (const words of [
    ['sh', '-c', 'id'],
    ['source'],
    ['source', 'x', 'y'],
    ['source', 'x;id'],
    ['source', '$(id)'],
    ['source\nid'],
    ['hold', 'x'],
    ['lease'],
    ['rsync', '--server', '-le.iLsfxCIvu', '.', './'],
    [...server, '-le.iLsfxCIvu', '.', '/etc/'],
    [...server, '-le.iLsfxCIvu', '.', './../'],
    [...server, '-Lle.iLsfxCIvu', '.', './'],
    [...server, '-kle.iLsfxCIvu', '.', './'],
    [...server, '--remove-source-files', '-le.iLsfxCIvu', '.', './'],
    [...server, '--log-file=x', '-le.iLsfxCIvu', '.', './'],
    [...server, '-le.iLsfxCIvu', '.', './', '/etc/'],
    [...server, '-se.iLsfxCIvu'],
  ]) {
    expect(await ask(it, ...words), words.join(' ')).toEqual(refused)
  }
  expect(readdirSync(it.paths.service).sort()).toEqual(['.srv', 'data'])
})

it('has the host bring the service back when the keeper is gone', async () => {
  const it = made({}, { consistency: 'pause' })
  await install(it)
  const child = spawn('sh', [join(it.site.home, 'reach'), 'srv', 'lease', 'r-1'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.write('beat\n')
  expect(String((await once(child.stdout, 'data'))[0])).toBe(`taken ${service}\n`)
  expect(await ask(it, 'hold', 'r-2')).toEqual({ code: 75, said: service })
  expect((await ask(it, 'hold', 'r-1')).code).toBe(0)
  child.kill('SIGKILL')
  await expect.poll(() => existsSync(join(it.paths.state, 'lease')), { timeout: 20_000 }).toBe(false)
  expect(readFileSync(it.events, 'utf8')).toBe('pause\nresume\n')
  expect(existsSync(join(it.paths.state, 'timer/how'))).toBe(false)
})

it('waits for nobody for ever, and says who works there', async () => {
  const it = made({ ping: { failure: pings() } })
  await install(it)
  const other = { run: 'other', actor: 'me@laptop', pipeline: 'deploy', since: '2026-11-27T14:00:00Z' }
  await done(acquire(it.leased, other))
  const { code, said } = await runFile(it)
  expect([code, said.split('\n').at(-1)]).toEqual([8, 'shop on web1 is worked on by me@laptop: no backup was made'])
  expect(ids(it)).toEqual([])
  expect(told).toEqual(['POST /check'])
  await done(release(it.leased, 'other'))
  expect((await runFile(it)).code).toBe(0)
})

it('says that there are no data, and that a host has another key', async () => {
  const it = made()
  await install(it)
  rmSync(join(it.paths.data, 'one'))
  const empty = await runFile(it)
  const note = `there are no data of shop on web1 to copy: ${it.paths.data} is empty`
  expect([empty.code, empty.said.split('\n').at(-1)]).toEqual([9, note])
  expect(last(it)).toMatchObject({ code: 9, note })
  writeFileSync(join(it.paths.data, 'one'), 'one\n')
  const key = readFileSync(join(it.site.home, 'key.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
  writeFileSync(join(it.site.home, 'known_hosts'), `srv ${key}\n`)
  const changed = await runFile(it)
  expect([changed.code, changed.said.split('\n').at(-1)]).toEqual([
    4,
    'web1 cannot be reached: Host key verification failed.',
  ])
  expect(ids(it)).toEqual([])
})

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
  const note = 'the data of shop on web1 were not copied: rsync ended with exit code 12'
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
  expect(readFileSync(join(it.site.home, 'log'), 'utf8')).toContain('the way to web1 broke: once more in a minute\n')
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
  expect(said).toContain('files of shop on web1 changed while they were copied: once more in a minute\n')
  const [id = ''] = ids(it)
  expect(readdirSync(join(it.vault.base, id, 'data')).sort()).toEqual(['log', 'one'])
  expect(told).toEqual(['POST /check/start', 'POST /check'])
})

it('tells of a suspect snapshot', async () => {
  const it = made({ ping: pings() })
  await install(it)
  for (const name of ['two', 'three', 'four']) writeFileSync(join(it.paths.data, name), `${name}\n`)
  expect((await runFile(it)).code).toBe(0)
  told = []
  const [first = ''] = ids(it)
  renameSync(join(it.vault.base, first), join(it.vault.base, '20260101T000000Z'))
  for (const name of ['two', 'three', 'four']) rmSync(join(it.paths.data, name))
  const { code, said } = await runFile(it)
  expect([code, said.split('\n').at(-1)]).toEqual([
    10,
    expect.stringMatching(/is suspect: less than half of 20260101T000000Z: 4 files, 19 bytes$/),
  ])
  expect(last(it)).toMatchObject({ code: 10 })
  expect(told).toEqual(['POST /check/start', 'POST /check/fail'])
})

it('keeps the snapshot of a service that does not come healthy again, and tells of that', async () => {
  const it = made({ ping: pings() }, { consistency: 'stop' })
  const proved = () => raw(`echo 'answered 500' >&2; echo 'its own log' >&2; false; echo 'not reached' >&2`)
  await install({ ...it, gated: { ...it.gated, quiet: { ...it.gated.quiet, proved } } })
  const { code, said } = await runFile(it)
  const note = 'shop on web1 was brought back after its data were copied, and does not come healthy again: answered 500'
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
  const note = `the data of shop on web1 went away while they were copied: there is no ${it.paths.data}`
  expect([code, said.split('\n').at(-1)]).toEqual([9, note])
  expect(ids(it)).toEqual([])
})

it('tells of a service that did not come back when the lease ended', async () => {
  const it = made({ ping: pings() }, { consistency: 'stop' })
  const resume = () => sh`echo resume >>${it.events}; [ "$(grep -c resume ${it.events})" = 1 ]`
  await install({ ...it, gated: { ...it.gated, quiet: { ...it.gated.quiet, resume } } })
  const { code } = await runFile(it)
  const note = 'shop on web1 did not come back as it was'
  expect(code).toBe(10)
  expect(last(it)).toMatchObject({ code: 10, note })
  expect(told).toEqual(['POST /check/start', 'POST /check/fail'])
})

it('lets what holds a service and what makes dumps use patterns of names', async () => {
  const it = made({}, { consistency: 'stop', dumps: [{ kind: 'dump', name: 'a', command: 'echo a' }] })
  const { paths } = it
  // As the supervisor of processes looks for those of a service.
  const hold = () =>
    sh`for one in /proc/[0-9]*/stat; do read -r line <"$one" && echo found >>${it.events} && break; done`
  await install({ ...it, gated: { ...it.gated, quiet: { ...it.gated.quiet, hold } } })
  mkdirSync(join(paths.service, '.dumps-dead'))
  const { code, said } = await runFile(it)
  expect(code, said).toBe(0)
  expect(readFileSync(it.events, 'utf8')).toBe('found\nresume\nstop\nproved shop\nresume\n')
  expect(readdirSync(paths.service).sort()).toEqual(['.srv', 'data'])
})

it('is installed where there are no data yet, and not where the gate refuses', async () => {
  const it = made()
  await install(it)
  const attempt = tryScript(it.site, it.way)
  await done(attempt)
  rmSync(it.paths.data, { recursive: true })
  await done(attempt)
  writeFileSync(join(it.site.gate, 'gate'), 'echo "srv: this is not allowed here" >&2; exit 9\n')
  const { code, said } = await shell(textOf(attempt))
  const to = `${it.way.user}@${it.way.address} port ${String(it.way.port)}`
  expect([code, said]).toEqual([1, `it cannot reach ${to} by itself (srv: this is not allowed here)`])
})

it('is neither installed nor makes anything where its disk is not mounted', async () => {
  const it = made()
  const site = { ...it.site, vault: { ...it.vault, mountpoint: folder } }
  const { code, said } = await shell(textOf(prepareKeeper(site, '03:00')))
  expect([code, said, existsSync(site.home)]).toEqual([1, `${folder} is not mounted`, false])
  await install({ ...it, site, scheduled: { ...it.scheduled, site } })
  const run = await runFile(it)
  const note = `the backup of shop on web1 could not begin: ${folder} is not mounted`
  expect([run.code, run.said.split('\n').at(-1), existsSync(it.vault.base)]).toEqual([10, note, false])
  expect(last(it)).toMatchObject({ code: 10, note })
})

it('leaves the schedule and the snapshots of another machine of this name alone', async () => {
  const it = made()
  await install(it)
  const other = '0123 /srv/shop'
  await done(ownerFile(it.site, 'config production', other))
  const asked = await shell(textOf(prepareKeeper(it.site, '03:00', '4567 /srv/shop')))
  expect(asked).toEqual({ code: 0, said: `owner ${other}` })
  mkdirSync(join(it.vault.base, '20260101T000000Z'), { recursive: true })
  writeFileSync(join(it.vault.base, 'owner'), `${other}\n`)
  const { code, said } = await runFile(it)
  expect([code, said.split('\n').at(-1)]).toEqual([
    9,
    expect.stringMatching(
      new RegExp(`were made of another machine, ${other}, and web1 is \\S+ ${it.paths.service}: no backup was made$`),
    ),
  ])
  expect(readdirSync(it.vault.base).sort()).toEqual(['.lock', '20260101T000000Z', 'owner'])
  expect(last(it)).toMatchObject({ code: 9 })
  // Once the snapshots were taken over, so is the schedule.
  writeFileSync(join(it.vault.base, 'owner'), '4567 /srv/shop\n')
  expect((await shell(textOf(prepareKeeper(it.site, '03:00', '4567 /srv/shop')))).said).not.toMatch(/^owner /)
})

it('names what it cannot judge, and tells that it could not remove others once its snapshot is there', async () => {
  const it = made({}, {})
  const scheduled = { ...it.scheduled, options: { ...it.scheduled.options, keep: keepSchema.parse({ last: 1 }) } }
  await install({ ...it, scheduled })
  const [unread, old] = ['20250101T000000Z', '20250102T000000Z'] as const
  for (const id of [unread, old]) mkdirSync(join(it.vault.base, id), { recursive: true })
  writeFileSync(join(it.vault.base, old, 'snapshot.json'), `{"id":"${old}","state":"suspect","pinned":false}\n`)
  mkdirSync(join(it.vault.base, `.trash-${old}`, old, 'in the way'), { recursive: true })
  const failed = await runFile(it)
  expect([failed.code, failed.said]).toEqual([
    10,
    expect.stringMatching(/was made, and older ones were not removed: mv: /),
  ])
  rmSync(join(it.vault.base, `.trash-${old}`), { recursive: true })
  const { code, said } = await runFile(it)
  expect([code, said]).toEqual([0, expect.stringContaining(`\n${unread} unreadable: its snapshot.json says nothing`)])
  expect(ids(it)).not.toContain(old)
})

it('has each run of cron wait for a time of its own', async () => {
  const it = made({ randomDelay: 1_000_000 })
  await install(it)
  const tools = join(folder, 'tools')
  mkdirSync(tools)
  writeFileSync(join(tools, 'sleep'), `#!/bin/sh\necho "$1" >>${folder}/delays\nkill "$PPID"\n`, { mode: 0o755 })
  const one = `PATH=${tools}:$PATH sh '${it.site.home}/run' --cron &\n`
  await shell(`${one.repeat(3)}wait`)
  const delays = readFileSync(join(folder, 'delays'), 'utf8').trim().split('\n')
  expect([delays.length, new Set(delays).size]).toEqual([3, 3])
})

it('is the newest one also when another was made while it waited', async () => {
  const it = made({ randomDelay: 1_000_000 }, { allowEmpty: true })
  await install(it)
  const tools = join(folder, 'tools')
  mkdirSync(tools)
  // The delay is over in the second after a backup by hand.
  const byHand = `id=$(date -u +%Y%m%dT%H%M%SZ)
mkdir -p '${it.vault.base}'/"$id"/data
printf '{"id":"%s","state":"good","files":0,"bytes":0}\\n' "$id" >'${it.vault.base}'/"$id"/snapshot.json
ln -sfT "$id" '${it.vault.base}/latest'
exec /bin/sleep 1`
  const sleep = `#!/bin/sh\n[ "$1" -gt 100 ] || exec /bin/sleep "$1"\n${byHand}\n`
  writeFileSync(join(tools, 'sleep'), sleep, { mode: 0o755 })
  const { code, said } = await shell(`PATH=${tools}:$PATH sh '${it.site.home}/run' --cron`)
  expect(code, said).toBe(0)
  const [, second = ''] = ids(it).toSorted()
  expect([ids(it).length, last(it)]).toMatchObject([2, { note: `snapshot ${second}` }])
  expect(readlinkSync(join(it.vault.base, 'latest'))).toBe(second)
})

it('leaves nothing on the host, and no other key is touched', async () => {
  const it = made()
  const keys = join(folder, 'home/.ssh/authorized_keys')
  mkdirSync(join(folder, 'home/.ssh'))
  writeFileSync(keys, 'ssh-ed25519 AAAA somebody\n')
  await install(it)
  expect(readFileSync(keys, 'utf8').split('\n')).toHaveLength(3)
  await done(shutGate(it.site))
  expect(readFileSync(keys, 'utf8')).toBe('ssh-ed25519 AAAA somebody\n')
  expect(existsSync(join(it.paths.state, 'schedule'))).toBe(false)
})

it('knows by its owner which schedule of a host a config has made', async () => {
  const { vault } = made()
  const owner = `git.example.org/it's "a" $place production`
  const place = (host: string, name: string, of: string | undefined): void => {
    const home = join(vault.folder, '.srv', host, name)
    mkdirSync(home, { recursive: true })
    if (of !== undefined) writeFileSync(join(home, 'owner'), `${of}\n`)
  }
  const asked = textOf(ownedScript(vault.folder, 'web1', owner))
  expect(await shell(asked)).toEqual({ code: 0, said: '' })
  place('web1', 'mine', owner)
  place('web1', 'also mine', owner)
  place('web1', 'theirs', `${owner}2`)
  place('web1', 'of-before', undefined)
  place('web2', 'elsewhere', owner)
  expect(await shell(asked)).toEqual({ code: 0, said: 'also mine\nmine' })
  await done(ownerFile({ home: join(vault.folder, '.srv/web1/theirs') }, owner))
  expect((await shell(asked)).said).toBe('also mine\nmine\ntheirs')
})

it('reads what a keeper says', () => {
  expect(readSchedule('')).toBeUndefined()
  const head = 'by system\nat 03:00\nnext 2026-11-28T03:00:00Z\n'
  const facts = { by: 'system', at: '03:00', next: '2026-11-28T03:00:00Z', running: false }
  expect(readSchedule(`${head}result success\nactive inactive\n`)).toEqual(facts)
  const last = (code: number): string =>
    `last {"at":"2026-11-27T03:00:00Z","seconds":3,"code":${String(code)},"note":"n"}\n`
  const at = '2026-11-27T03:00:00Z'
  expect(readSchedule(`${head}${last(9)}result exit-code\nactive failed\n`)).toEqual({
    ...facts,
    last: { at, ok: false, note: 'n' },
  })
  expect(readSchedule(`${head}${last(0)}result exit-code\nactive failed\n`)?.last).toEqual({
    at,
    ok: false,
    note: 'the unit failed after n: exit-code',
  })
})
