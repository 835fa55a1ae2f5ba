import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { optionsSchema } from '../../../plugins/rsync-backup/options.ts'
import { forgetScript } from '../../../plugins/rsync-backup/scripts/open-restore.ts'
import { awaitScript } from '../../../plugins/rsync-backup/way/brought.ts'
import { admitScript, leaveScript, shutScript } from '../../../plugins/rsync-backup/way/far.ts'
import { hostGate, keeperGate } from '../../../plugins/rsync-backup/way/gate.ts'
import { linkOf, type Link } from '../../../plugins/rsync-backup/way/link.ts'
import { keeperOf } from '../../../plugins/rsync-backup/destination.ts'
import { display, raw, type Script } from '../../../src/shell/script.ts'
import { hasPrograms } from '../../support/programs.ts'

let folder: string
const home = (...parts: readonly string[]): string => join(folder, 'home', ...parts)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'srv-way-'))
  mkdirSync(home())
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function link(runId: string, service = 'shop'): Link {
  const found = linkOf({ runId, host: { name: 'web1', root: '/srv' } }, { on: 'nas', way: 'pull' }, undefined, service)
  if (found === undefined) throw new Error('no link')
  return found
}

describe.skipIf(!hasPrograms('flock', 'awk', 'cmp'))('who is let in', () => {
  const keys = (): string => readFileSync(home('.ssh/authorized_keys'), 'utf8')
  const run = (script: Script): void => {
    execFileSync('/bin/sh', ['-s'], { input: display(script), env: { PATH: env['PATH'], HOME: home() } })
  }
  const local = (time: Date): string =>
    execFileSync('date', ['-d', time.toISOString(), '+%Y%m%d%H%M%S']).toString().trim()

  it('gets as far as a gate, for ten minutes, and no line of anybody else is touched', () => {
    const one = link('run1')
    const [earliest, gate] = [local(new Date(Date.now() + 590_000)), home('.ssh', one.tag, 'gate')]
    run(admitScript(one, 'ssh-ed25519 AAAA', raw('gate')))
    const [, until = '', rest] = /^restrict,expiry-time="(\d{14})",(.*)\n$/.exec(keys()) ?? []
    expect(rest).toBe(`command="exec /bin/sh ${gate}" ssh-ed25519 AAAA ${one.tag}`)
    expect(until >= earliest && until <= local(new Date(Date.now() + 610_000))).toBe(true)
    expect([readFileSync(gate, 'utf8'), statSync(gate).mode & 0o777]).toEqual(['gate\n', 0o600])
    run(shutScript(one))
    expect(readdirSync(home('.ssh'))).toEqual([one.tag])

    writeFileSync(home('.ssh/authorized_keys'), 'ssh-ed25519 BBBB somebody\n\n# a comment\nssh-rsa CCCC')
    chmodSync(home('.ssh/authorized_keys'), 0o640)
    // A run that was killed left its line; one of another service is under way.
    const [dead, other] = [link('run2'), link('run3', 'blog')]
    run(admitScript(dead, 'ssh-ed25519 DDDD', raw('gate')))
    run(admitScript(other, 'ssh-ed25519 EEEE', raw('gate')))
    const next = link('run4')
    run(admitScript(next, 'ssh-ed25519 FFFF', raw('gate')))
    const comments = (): readonly (string | undefined)[] =>
      keys()
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ').at(-1))
    expect(comments()).toEqual(['somebody', '', 'comment', 'CCCC', other.tag, next.tag])
    expect(() => statSync(home('.ssh', dead.tag))).toThrow('ENOENT')
    run(shutScript(next))
    run(leaveScript(next))
    run(shutScript(other))
    run(leaveScript(other))
    expect(keys()).toBe('ssh-ed25519 BBBB somebody\n\n# a comment\nssh-rsa CCCC\n')
    expect(statSync(home('.ssh/authorized_keys')).mode & 0o777).toBe(0o640)
    expect(execFileSync('ls', ['-A', home('.ssh')]).toString()).toBe('authorized_keys\n')
  })

  it('is not served any longer than the run lasts, and nobody else is ended', async () => {
    mkdirSync(join(folder, 'tools'))
    writeFileSync(join(folder, 'tools/rsync'), '#!/bin/sh\necho serving\nexec sleep 1000\n', { mode: 0o755 })
    mkdirSync(home('data'))
    const [one, other] = [link('run1'), link('run2', 'blog')]
    const served = [one, other].map(async (each) => {
      run(admitScript(each, 'ssh-ed25519 AAAA', keeperGate([{ name: 'shop/data', folder: home('data') }])))
      const asking = spawn('/bin/sh', [home('.ssh', each.tag, 'gate')], {
        env: {
          PATH: `${join(folder, 'tools')}:${env['PATH'] ?? ''}`,
          SSH_ORIGINAL_COMMAND: 'rsync --server --sender -le.iLsfxCIvu . shop/data/',
        },
      })
      await once(asking.stdout, 'data')
      return asking
    })
    const [mine, others] = await Promise.all(served)
    if (mine === undefined || others === undefined) throw new Error('two are served')
    const ended = once(mine, 'exit')
    run(leaveScript(one))
    expect(await ended).toEqual([null, 'SIGTERM'])
    expect(others.exitCode ?? others.signalCode).toBeNull()
    const otherEnded = once(others, 'exit')
    run(admitScript(link('run3', 'blog'), 'ssh-ed25519 BBBB', raw('gate')))
    expect(await otherEnded).toEqual([null, 'SIGTERM'])
  })

  it('ends with what a dead run brought, which nobody writes to any more', async () => {
    const [one, other] = [link('20261122T140311Z-1f2e'), link('20261122T140311Z-9a8b')]
    mkdirSync(join(folder, 'tools'))
    writeFileSync(join(folder, 'tools/rsync'), '#!/bin/sh\necho serving\nexec sleep 1000\n', { mode: 0o755 })
    const served = [one, other].map(async ({ tag, run: id }) => {
      const gate = home('.ssh', tag, 'gate')
      mkdirSync(home('.ssh', tag), { recursive: true })
      writeFileSync(gate, display(keeperGate([])))
      writeFileSync(home('.ssh', tag, 'into-shop.data'), 'exec rsync --server . x/\n')
      mkdirSync(home('shop', `.restore-${id}`), { recursive: true })
      const asking = spawn('/bin/sh', [gate], {
        env: {
          PATH: `${join(folder, 'tools')}:${env['PATH'] ?? ''}`,
          SSH_ORIGINAL_COMMAND: 'rsync --server -le.iLsfxCIvu . shop.data/',
        },
      })
      await once(asking.stdout, 'data')
      return asking
    })
    const [dead, alive] = await Promise.all(served)
    if (dead === undefined || alive === undefined) throw new Error('two are served')
    rmSync(home('shop', `.restore-${other.run}`), { recursive: true })
    const ended = once(dead, 'exit')
    run(forgetScript({ service: home('shop'), state: home('shop/.srv') }))
    expect(await ended).toEqual([null, 'SIGTERM'])
    expect(readdirSync(home('shop'))).toEqual([])
    expect(readdirSync(home('.ssh'))).toEqual([other.tag])
    expect(alive.exitCode ?? alive.signalCode).toBeNull()
    alive.kill('SIGKILL')
  })

  it('stays in a file that is kept elsewhere', () => {
    mkdirSync(home('.ssh'))
    writeFileSync(join(folder, 'kept'), 'ssh-ed25519 BBBB somebody\n')
    symlinkSync(join(folder, 'kept'), home('.ssh/authorized_keys'))
    run(admitScript(link('run1'), 'ssh-ed25519 AAAA', raw('gate')))
    expect(lstatSync(home('.ssh/authorized_keys')).isSymbolicLink()).toBe(true)
    expect(keys().split('\n')).toHaveLength(3)
    run(shutScript(link('run1')))
    expect(readFileSync(join(folder, 'kept'), 'utf8')).toBe('ssh-ed25519 BBBB somebody\n')
  })
})

describe('a gate', () => {
  function ask(gate: Script, ...words: readonly string[]) {
    writeFileSync(home('gate'), display(gate))
    // What would be started is only told.
    mkdirSync(join(folder, 'tools'), { recursive: true })
    writeFileSync(join(folder, 'tools/rsync'), '#!/bin/sh\necho "$PWD: $*"\n', { mode: 0o755 })
    const { status, stdout, stderr } = spawnSync('/bin/sh', [home('gate')], {
      encoding: 'utf8',
      env: { PATH: `${join(folder, 'tools')}:${env['PATH'] ?? ''}`, SSH_ORIGINAL_COMMAND: words.join(' ') },
    })
    return [status, stdout, stderr]
  }
  const refused = [9, '', 'srv: this is not allowed here\n']

  it('lets the data of a run be read, and nothing else', () => {
    mkdirSync(home('data'))
    const gate = keeperGate([{ name: 'my.shop_1/data', folder: home('data') }])
    const sender = ['rsync', '--server', '--sender']
    const options =
      '-HlogDtprScie.iLsfxCIvu --log-format=%i --timeout=300 --bwlimit=10240 --checksum-choice=xxh128 --numeric-ids'
    expect(ask(gate, ...sender, options, '.', 'my.shop_1/data/')).toEqual([
      0,
      `${home('data')}: --server --sender ${options} . ./\n`,
      '',
    ])
    for (const words of [
      ['sh', '-c', 'id'],
      [...sender, '-le.iLsfxCIvu', '.', 'my.shop_1/dumps/'],
      [...sender, '-le.iLsfxCIvu', '.', 'my.shop_1/data'],
      [...sender, '-le.iLsfxCIvu', '.', 'my.shop_1/data/../'],
      [...sender, '-le.iLsfxCIvu', '.', '/etc/'],
      [...sender, '-Lle.iLsfxCIvu', '.', 'my.shop_1/data/'],
      [...sender, '-vvvle.iLsfxCIvu', '.', 'my.shop_1/data/'],
      [...sender, '--remove-source-files', '-le.iLsfxCIvu', '.', 'my.shop_1/data/'],
      [...sender, '--copy-unsafe-links', '-le.iLsfxCIvu', '.', 'my.shop_1/data/'],
      [...sender, '-le.iLsfxCIvu', '.', 'my.shop_1/data/', '/etc/'],
      ['rsync', '--server', '-le.iLsfxCIvu', '.', 'my.shop_1/data/'],
      [...sender, '-le.iLsfxCIvu', '.', '$(id)'],
      [...sender, '-le.iLsfxCIvu', '.', 'my.shop_1/*'],
      [],
    ]) {
      expect(ask(gate, ...words), words.join(' ')).toEqual(refused)
    }
  })

  it('lets a keeper write where a run waits for it, once, one file of a folder as well', () => {
    const gate = keeperGate([{ name: 'shop/data', folder: home('data') }])
    const bring = ['rsync', '--server', '-logDtprRSe.iLsfxCIvu', '--log-format=%i%I', '.']
    expect(ask(gate, ...bring, 'shop.data/')).toEqual(refused)
    mkdirSync(home('.ssh/srv-link-1'), { recursive: true })
    const input = display(awaitScript({ tag: 'srv-link-1', name: 'shop.data', folder: "/srv/it's/here" }))
    execFileSync('/bin/sh', ['-s'], { input, env: { PATH: env['PATH'], HOME: home() } })
    const text = readFileSync(home('.ssh/srv-link-1/into-shop.data'), 'utf8')
    expect(text).toBe("exec rsync --server $words . '/srv/it'\\''s/here'/\n")
    writeFileSync(home('into-shop.data'), text)
    for (const words of [
      ['rsync', '--server', '--delete', '-lre.iLsfxCIvu', '.', 'shop.data/'],
      ['rsync', '--server', '-Klre.iLsfxCIvu', '.', 'shop.data/'],
      [...bring, '../shop.data/'],
      [...bring, 'shop.dumps/'],
      [...bring, '/srv/'],
    ]) {
      expect(ask(gate, ...words), words.join(' ')).toEqual(refused)
    }
    const [code, said] = ask(gate, ...bring, 'shop.data/')
    expect([code, said]).toEqual([
      0,
      expect.stringMatching(/: --server -logDtprRSe[.]iLsfxCIvu --log-format=%i%I [.] \/srv\/it's\/here\/\n$/),
    ])
    expect(ask(gate, ...bring, 'shop.data/')).toEqual(refused)
    // One that a host writes through knows no folders above.
    writeFileSync(home('into-shop'), text)
    expect(ask(hostGate, ...bring, 'shop/')).toEqual(refused)
  })

  it('lets a host write where it is expected to, once, and nowhere else', () => {
    const push = ['rsync', '--server', '-lre.iLsfxCIvu', '--log-format=%i%I', '.']
    expect(ask(hostGate, ...push, 'shop/')).toEqual(refused)
    writeFileSync(home('into-shop'), 'echo "written with$words"\n')
    for (const words of [
      ['rsync', '--server', '--sender', '-lre.iLsfxCIvu', '.', 'shop/'],
      ['rsync', '--server', '--delete', '-lre.iLsfxCIvu', '.', 'shop/'],
      ['rsync', '--server', '--inplace', '-lre.iLsfxCIvu', '.', 'shop/'],
      ['rsync', '--server', '-Klre.iLsfxCIvu', '.', 'shop/'],
      ['rsync', '--server', '--link-dest=/tank', '-lre.iLsfxCIvu', '.', 'shop/'],
      [...push, '../gate/'],
      [...push, '.shop/'],
      [...push, 'shop/', 'shop/'],
      [...push, 'blog/'],
    ]) {
      expect(ask(hostGate, ...words), words.join(' ')).toEqual(refused)
    }
    expect(ask(hostGate, ...push, 'shop/')).toEqual([0, 'written with -lre.iLsfxCIvu --log-format=%i%I\n', ''])
    expect(ask(hostGate, ...push, 'shop/')).toEqual(refused)
  })
})

it('takes a limit of bandwidth with a destination as rsync reads it, and no other', () => {
  const problems = (bwlimit: unknown, rest: object = { folder: 'nas:/tank', way: 'pull' }): unknown =>
    optionsSchema
      .safeParse({ to: { ...rest, bwlimit } })
      .error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
  for (const one of [1, 800, 1.5, '800', '800k', '10m', '1.5M', '2GiB', '10mb', '1.1kb']) {
    expect(problems(one), String(one)).toBeUndefined()
    expect(problems(one, { laptop: 'kept' }), String(one)).toBeUndefined()
    expect(keeperOf({ folder: '/tank', bwlimit: one }, { name: 'web1' }, '').bwlimit).toBe(one)
    // rsync itself takes it.
    execFileSync('rsync', [`--bwlimit=${String(one)}`, '--list-only', '/dev/null'])
  }
  const wrong = [
    'to.bwlimit must be a rate as rsync reads it: a number of KiB per second from 1 on, or "800k", "10m" or "1.5m"',
  ]
  for (const one of [
    0,
    -1,
    '0',
    '0.5',
    '1kb',
    Number.NaN,
    Infinity,
    1e21,
    '',
    ' 10m',
    '10 m',
    '10mbit',
    '10m/s',
    '1,5m',
  ]) {
    expect(problems(one), String(one)).toEqual(wrong)
  }
  for (const one of ['10t', '9999g', '10m+1', '-10m', '1e3', '10m --delete', true, null, ['10m']]) {
    expect(problems(one), String(one)).toEqual(wrong)
    expect(problems(one, { laptop: 'kept' }), String(one)).toEqual(wrong)
  }
})

it('takes a way and another address with a destination, where they belong', () => {
  const to = { folder: 'backup@nas:/tank/', way: 'pull', from: { web1: 'deploy@10.0.0.5:22' } } as const
  expect(keeperOf(to, { name: 'web1' }, '')).toEqual({
    ...to,
    on: 'nas',
    folder: '/tank',
    address: 'backup@nas',
  })
  const problems = (said: unknown): readonly string[] | undefined =>
    optionsSchema.safeParse({ to: said }).error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
  expect(problems({ folder: 'nas:/tank' })).toBeUndefined()
  expect(problems([{ folder: 'nas:/tank', way: 'push', from: {} }])).toEqual([
    'to.0.from is only for the ways "pull" and "auto"',
  ])
  expect(problems({ folder: 'nas:/tank', way: 'auto', at: 'nas2' })).toEqual(['to.at is only for the way "push"'])
  expect(problems({ folder: '/tank', way: 'pull' })).toEqual(['to.way is only for a folder on another machine'])
  expect(problems({ folder: 'nas:/tank', way: 'fetch' })).toEqual([
    'to is where snapshots go: write "user@host:/folder", "/folder" on the host itself, { laptop: "folder" }, or { folder } with mountpoint, way or bwlimit',
  ])
})
