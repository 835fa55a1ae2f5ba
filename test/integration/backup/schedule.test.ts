import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { shutGate } from '../../../plugins/rsync-backup/schedule/host.ts'
import { keepSchema } from '../../../plugins/rsync-backup/retention/policy.ts'
import { prepareKeeper, tryScript } from '../../../plugins/rsync-backup/schedule/keeper.ts'
import { ownedScript, ownerFile } from '../../../plugins/rsync-backup/schedule/owner.ts'
import { acquire, release } from '../../../src/run/lease/script.ts'
import { sh } from '../../../src/shell/script.ts'
import {
  ask,
  done,
  eachAnew,
  folder,
  ids,
  install,
  last,
  made,
  pings,
  runFile,
  serving,
  service,
  shell,
  sshd,
  textOf,
  told,
} from './scheduled.ts'

eachAnew()

it('makes snapshots without srv, with one log-in each, and tells of them', async () => {
  const it = made({ ping: pings() }, { consistency: 'stop' })
  await install(it)
  const first = await runFile(it)
  expect(first.code, first.said).toBe(0)
  expect(sshd.logins()).toBe(1)
  const [id = ''] = ids(it)
  // What the gate and the keeper say to each other is not for people.
  expect(first.said).toBe(`backup of shop on web1\ngood snapshot ${id}, files: 1, bytes: 4, new bytes: 4`)
  expect(readFileSync(join(it.vault.base, id, 'data/one'), 'utf8')).toBe('one\n')
  expect(JSON.parse(readFileSync(join(it.vault.base, id, 'snapshot.json'), 'utf8'))).toMatchObject({
    id,
    state: 'good',
    files: 1,
    host: 'web1',
    service,
    release: serving.id,
    clock: expect.any(Number),
  })
  expect(readFileSync(join(it.vault.base, id, 'release.json'), 'utf8')).toBe(`${JSON.stringify(serving)}\n`)
  expect(readFileSync(it.events, 'utf8')).toBe('stop\nresume\nstop\nproved shop\nresume\n')
  expect(existsSync(join(it.paths.state, 'lease'))).toBe(false)
  expect(last(it)).toMatchObject({ code: 0, note: `snapshot ${id}` })
  expect(told).toEqual(['POST /check/start', 'POST /check'])
})

it('copies within the bandwidth of the destination, which the gate lets it ask for', async () => {
  const it = made({}, {}, {}, { bwlimit: '1.5m' })
  await install(it)
  const program = execFileSync('sh', ['-c', 'command -v rsync'], { encoding: 'utf8' }).trim()
  const asked = join(folder, 'asked')
  mkdirSync(join(folder, 'tools'))
  // The keeper finds it, and the host has its own.
  const text = `#!/bin/sh\necho "$*" >>'${asked}'\nexec ${program} "$@"\n`
  writeFileSync(join(folder, 'tools/rsync'), text, { mode: 0o755 })
  for (const content of ['one', 'other']) {
    writeFileSync(join(it.paths.data, 'one'), content)
    const { code, said } = await shell(`PATH='${folder}/tools':$PATH sh '${it.site.home}/run'`)
    expect(code, said).toBe(0)
  }
  const copied = readFileSync(asked, 'utf8')
    .split('\n')
    .filter((words) => words.includes('srv:') && !words.includes(' -n '))
  expect(copied.map((words) => / --bwlimit=\S+/.exec(words)?.[0])).toEqual([' --bwlimit=1.5m', ' --bwlimit=1.5m'])
  expect(copied.map((words) => / --(link|compare)-dest=/.test(words))).toEqual([false, true])
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

it('waits for nobody for ever, and says who works there', async () => {
  const it = made({ ping: { failure: pings() } })
  await install(it)
  const other = { run: 'other', actor: 'me@laptop', pipeline: 'deploy', since: '2026-11-27T14:00:00Z' }
  await done(acquire(it.leased, other))
  const { code, said } = await runFile(it)
  expect([code, said.split('\n').at(-1)]).toEqual([8, 'me@laptop is working on shop on web1: no backup was made'])
  expect(ids(it)).toEqual([])
  expect(told).toEqual(['POST /check'])
  await done(release(it.leased, 'other'))
  expect((await runFile(it)).code).toBe(0)
})

it('tells that there is no room for its temporary folder, wherever that can be written', async () => {
  const it = made({ ping: pings() })
  await install(it)
  const note = `no temporary folder can be made on ${hostname()}: no backup of shop on web1 was made`
  const { code, said } = await shell(`TMPDIR='${folder}/nowhere' sh '${it.site.home}/run'`)
  expect([code, said.split('\n').at(-1)]).toEqual([10, note])
  expect(last(it)).toMatchObject({ code: 10, note })
  expect(readFileSync(join(it.site.home, 'log'), 'utf8')).toBe(`${note}\n`)
  expect([told, ids(it), existsSync(join(it.site.home, 'work'))]).toEqual([['POST /check/fail'], [], false])
})

it('says that there are no data, and that a host has another key', async () => {
  const it = made()
  await install(it)
  rmSync(join(it.paths.data, 'one'))
  const empty = await runFile(it)
  const note = `there is no data of shop on web1 to copy: ${it.paths.data} is empty`
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

it.skipIf(process.getuid?.() !== 0)('tells that something in the data is not mounted any more', async () => {
  const it = made({ ping: pings() })
  await install(it)
  const uploads = join(it.paths.data, 'uploads')
  mkdirSync(uploads)
  execFileSync('mount', ['-t', 'tmpfs', 'none', uploads])
  try {
    writeFileSync(join(uploads, 'small'), '')
    const first = await runFile(it)
    expect(first.code, first.said).toBe(0)
  } finally {
    execFileSync('umount', ['-l', uploads])
  }
  const [first = ''] = ids(it)
  expect(readFileSync(join(it.vault.base, first, 'snapshot.json'), 'utf8')).toContain('"mounts":"uploads"')
  const { code, said } = await runFile(it)
  expect(code, said).toBe(10)
  expect(said).toContain(` is suspect: nothing mounted any more at data/uploads, as there was for ${first}`)
  expect(told.at(-1)).toBe('POST /check/fail')
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

it('is installed where there is no data yet, and not where the gate refuses', async () => {
  const it = made()
  await install(it)
  const attempt = tryScript(it.site, it.way)
  await done(attempt)
  rmSync(it.paths.data, { recursive: true })
  await done(attempt)
  writeFileSync(join(it.site.gate, 'gate'), 'echo "srv: this is not allowed here" >&2; exit 9\n')
  const { code, said } = await shell(textOf(attempt))
  const to = `${it.way.user}@${it.way.address} port ${String(it.way.port)}`
  expect([code, said]).toEqual([1, `it cannot reach ${to} directly (srv: this is not allowed here)`])
})

it('is neither installed nor makes anything where its disk is not mounted', async () => {
  const it = made()
  const site = { ...it.site, vault: { ...it.vault, mountpoint: folder } }
  const { code, said } = await shell(textOf(prepareKeeper(site, '03:00')))
  expect([code, said, existsSync(site.home)]).toEqual([1, `${folder} is not mounted`, false])
  await install({ ...it, site, scheduled: { ...it.scheduled, site } })
  const run = await runFile(it)
  const note = `the backup of shop on web1 could not start: ${folder} is not mounted`
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
      new RegExp(`belong to another machine, ${other}, and web1 is \\S+ ${it.paths.service}: no backup was made$`),
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
    expect.stringMatching(/was made, but older ones could not be removed: mv: /),
  ])
  rmSync(join(it.vault.base, `.trash-${old}`), { recursive: true })
  // Two are never named after the same second.
  const now = (): string => new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
  await expect.poll(now, { timeout: 5000, interval: 50 }).not.toBe(ids(it).toSorted().at(-1))
  const { code, said } = await runFile(it)
  expect([code, said]).toEqual([0, expect.stringContaining(`\n${unread} unreadable: its snapshot.json says nothing`)])
  expect(ids(it)).not.toContain(old)
})

it('is the newest one also when another was made while it waited', async () => {
  const it = made({ randomDelay: 1_000_000 }, { allowEmpty: true })
  await install(it)
  const tools = join(folder, 'tools')
  mkdirSync(tools)
  // The delay is over in the second after a backup by hand.
  const byHand = `id=$(date -u +%Y%m%dT%H%M%SZ)
mkdir -p '${it.vault.base}'/"$id"/data
sum=$(: | tee '${it.vault.base}'/"$id"/manifest | sha256sum)
printf '{"id":"%s","state":"good","files":0,"bytes":0,"manifest":"%.64s"}\\n' "$id" "$sum" >'${it.vault.base}'/"$id"/snapshot.json
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
