import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { optionsSchema } from '../../../plugins/docker-compose/options.ts'
import { retireScript } from '../../../plugins/docker-compose/scripts/back.ts'
import { convergeScript } from '../../../plugins/docker-compose/scripts/converge.ts'
import { evidenceScript } from '../../../plugins/docker-compose/scripts/evidence.ts'
import { beginScript } from '../../../plugins/docker-compose/scripts/watch.ts'
import { shells, write } from '../git/machine.ts'
import { engineOf } from './engine.ts'

const options = optionsSchema.parse({ monitorMs: 0, drainMs: 0 })
const line = (service: string, digest: string, replicas = 1, ends = 'stays', why = 'no proxy is in front of it') =>
  `${service}\t${digest}\tsha256:1\t${String(replicas)}\t${ends}\t${why}\n`

test.each(shells)('a port and a name go over to another service, and back, with %s', async (shell) => {
  const { site, run, told, ps } = await engineOf(shell, {
    ps: ['c1 web w1 running fixed l 0 80', 'c2 job j1 exited shop-job-1 l', 'c3 other o1 running shop-other-1 l'],
    files: {
      active: 'r1\n',
      'r1/services': line('web', 'w1') + line('job', 'j1', 1, 'may-end') + line('other', 'o1'),
      'r1/facts': 'port\tweb\t80\tingress\nnamed\tweb\tfixed\n',
      'r2/services': line('other', 'o1') + line('edge', 'e2'),
      'r2/facts': 'port\tedge\t79-81\tingress\nnamed\tedge\tfixed\n',
    },
    made: { edge: 'c4 edge e2 exited fixed l 0 80\n' },
  })
  expect(await run(convergeScript(site, options, 'r2'))).toEqual({
    code: 1,
    stdout: 'other is unchanged\nedge: stopping what is in its way: fixed\nedge: starting\n',
    stderr: 'edge ended\n',
  })
  expect(await told()).toEqual([
    'stop c1',
    'rename c1 fixed-aside-c1',
    'up edge',
    'logs --timestamps --tail 2000 c4',
    'logs --tail 20 c4',
  ])
  // As when it died with its process running.
  expect(await run(convergeScript(site, options, 'r1'))).toEqual({
    code: 0,
    stdout: [
      'web: stopping what is in its way: fixed',
      'web: starting its existing containers',
      'job finished earlier, and is unchanged',
      'other is unchanged',
      'edge is no longer part of the release: removed\n',
    ].join('\n'),
    stderr: '',
  })
  expect(await told()).toEqual(['stop c4', 'rename c4 fixed-aside-c4', 'rename c1 fixed', 'start c1', 'rm -f c4'])
  expect((await ps()).map((one) => one.split(' ').slice(0, 5).join(' '))).toEqual([
    'c1 web w1 running fixed',
    'c2 job j1 exited shop-job-1',
    'c3 other o1 running shop-other-1',
  ])
})

test('what has another name now makes way when both would write, or use the network of the host', async () => {
  const way = async (old: string, facts: string): Promise<readonly string[]> => {
    const { site, run, told } = await engineOf('/bin/sh', {
      ps: [old, 'c9 web w1 running shop-web-1 l 0 80,81 default /srv/shop/data'],
      files: { 'r2/services': line('web', 'w1') + line('new', 'n2'), 'r2/facts': facts },
      made: { new: 'c2 new n2 running shop-new-1 l\n' },
    })
    expect((await run(convergeScript(site, options, 'r2'))).stderr).toBe('')
    return (await told()).slice(0, 1)
  }
  const bind = 'bind\tnew\trw\t/srv/shop/data\n'
  const aside = ['stop c1']
  expect(await way('c1 old o1 running shop-old-1 l 0 - default /srv/shop/data', bind)).toEqual(aside)
  expect(await way('c1 old o1 running shop-old-1 l 0 - default shop_kept', 'volume\tnew\trw\tkept\n')).toEqual(aside)
  expect(await way('c1 old o1 running shop-old-1 l 0 - host', 'network\tnew\thost\n')).toEqual(aside)
  expect(await way('c1 old o1 running shop-old-1 l 0 8080 default', 'network\tnew\thost\n')).toEqual(aside)
  expect(await way('c1 old o1 running shop-old-1 l 0 - host', 'port\tnew\t9\tingress\n')).toEqual(aside)
  expect(await way('c1 old o1 running shop-old-1 l 0 8080 default /other', `${bind}port\tnew\t9\tingress\n`)).toEqual([
    'up new',
  ])
  expect(await way('c1 old o1 exited shop-old-1 l 0 9 host /srv/shop/data', `${bind}port\tnew\t9\tingress\n`)).toEqual([
    'up new',
  ])
  // Nobody's but the user's.
  expect(await way('c1 old - running shop-old-1 l 0 9 host /srv/shop/data', `${bind}port\tnew\t9\tingress\n`)).toEqual([
    'up new',
  ])
})

test('what runs has its grace period before it is removed', async () => {
  const { site, run, told } = await engineOf('/bin/sh', {
    ps: [
      'c1 web w1 running shop-web-1 l',
      'c2 worker k1 running shop-worker-1 l',
      'c3 worker k0 exited shop-worker-2 l',
      'c4 old o1 running shop-old-1 l',
      'c5 old - running by-hand -',
    ],
    files: { 'r2/services': line('web', 'w1') + line('worker', 'k1', 0) },
  })
  expect((await run(convergeScript(site, options, 'r2'))).stdout.split('\n')).toEqual([
    'web is unchanged',
    'worker has no containers',
    'old is no longer part of the release: removed',
    'old belongs to the project but not to the release, and srv did not start it: left alone',
    '',
  ])
  expect(await told()).toEqual(['stop c2', 'rm -f c3 c2', 'stop c4', 'rm -f c4'])
  expect((await run(retireScript(site))).stderr).toBe('')
  expect(await told()).toEqual(['stop c1', 'rm -f c1'])
})

test('a job that was made and never started has not come to its end', async () => {
  const { site, run, told } = await engineOf('/bin/sh', {
    ps: ['c1 job j1 created shop-job-1 l'],
    files: { 'r2/services': line('job', 'j1', 1, 'may-end') },
  })
  expect(await run(convergeScript(site, options, 'r2'))).toMatchObject({ code: 0, stderr: '' })
  expect(await told()).toEqual(['start c1'])
})

test('what somebody paused is woken up, not started', async () => {
  const { site, run, told } = await engineOf('/bin/sh', {
    ps: ['c1 web w1 paused shop-web-1 l', 'c2 web w1 exited shop-web-2 l'],
    files: { 'r2/services': line('web', 'w1', 2) },
  })
  expect(await run(convergeScript(site, options, 'r2'))).toMatchObject({ code: 0, stderr: '' })
  expect(await told()).toEqual(['unpause c1', 'start c1 c2'])
})

test('a container that was restarted once, long ago, is no reason to fail; one that was just made and is restarted is', async () => {
  const ran = async (shown: string, replicas: number, made: string) => {
    const { site, run } = await engineOf('/bin/sh', {
      ps: [shown],
      files: { 'r2/services': line('web', 'w1', replicas) },
      made: { web: made },
    })
    return (await run(convergeScript(site, options, 'r2'))).stderr
  }
  const old = 'c1 web w1 running shop-web-1 l 3'
  expect(await ran(old, 2, 'c2 web w1 running shop-web-2 l 0\n')).toBe('')
  expect(await ran(old, 2, 'c2 web w1 running shop-web-2 l 1\n')).toBe(
    'web was restarted while it was watched: exit status 0\n',
  )
})

test.each(shells)(
  'a start leaves alone what runs, whatever it went through, and wakes up what is paused, with %s',
  async (shell) => {
    const { site, run, told } = await engineOf(shell, {
      ps: ['c1 web w1 running shop-web-1 l 3', 'c2 web w1 paused shop-web-2 l 1', 'c3 job j1 exited shop-job-1 l'],
      files: { active: 'r1\n', 'r1/services': line('web', 'w1', 2) + line('job', 'j1', 1, 'ends') },
    })
    const limits = { monitorMs: 0, timeoutMs: 1000 }
    expect(await run(beginScript(site, 'start', limits))).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await told()).toEqual(['unpause c2'])
    // Docker counts anew after a restart: what it says then is news.
    expect(await run(beginScript(site, 'restart', limits))).toEqual({
      code: 1,
      stdout: '',
      stderr: 'web was restarted while it was watched: exit status 0\n',
    })
  },
)

test.each(shells)('a restart leaves alone what came to its end, and no other, with %s', async (shell) => {
  const { base, site, run, told } = await engineOf(shell, {
    ps: [
      'c1 web w1 running shop-web-1 l',
      'c2 job j1 exited shop-job-1 l',
      'c3 worker k1 running shop-worker-1 l',
      'c4 broken b1 exited shop-broken-1 l',
      'c5 stays s1 exited shop-stays-1 l',
    ],
    files: {
      active: 'r1\n',
      'r1/services':
        line('web', 'w1') +
        line('job', 'j1', 1, 'ends') +
        line('worker', 'k1', 1, 'may-end') +
        line('broken', 'b1', 1, 'may-end') +
        line('stays', 's1') +
        line('none', 'n1', 0),
    },
  })
  await write(base, { 'codes/c4': '1\n' })
  await run(beginScript(site, 'restart', { monitorMs: 0, timeoutMs: 1000 }))
  expect(await told()).toEqual(['restart web worker broken stays'])
})

test.each(shells)('what a recreation that was cut off left goes first, with %s', async (shell) => {
  const { site, run, told } = await engineOf(shell, {
    ps: [
      'c1 web w1 running shop-web-1 l',
      'c2 web w2 created 0123456789ab_shop-web-1 l',
      // Such a name of the user's own, and one that ran.
      'c3 web w1 created 0123_shop-web-1 l',
      'c4 web w0 exited 0123456789ab_web l',
    ],
    files: { 'r2/services': line('web', 'w1', 2) },
  })
  expect(await run(convergeScript(site, options, 'r2'))).toMatchObject({ code: 0, stderr: '' })
  expect(await told()).toEqual(['rm -f c2', 'start c3', 'rm -f c4'])
})

test.each(shells)('what a release said that is taken back is shown and kept, with %s', async (shell) => {
  const { base, site, run } = await engineOf(shell, {
    ps: ['c1 db d1 running shop-db-1 l', 'c2 web w2 running shop-web-1 l'],
    files: {
      active: 'r2\n',
      'r1/services': line('db', 'd1') + line('web', 'w1'),
      'r2/services': line('db', 'd1') + line('web', 'w2'),
    },
  })
  await write(base, { 'logs.c1': 'nothing new\n', 'logs.c2': 'no route\nfor /up\n' })
  const stderr = 'web: no route\nweb: for /up\n'
  expect(await run(evidenceScript(site, 'r2', 'r1'))).toEqual({ code: 0, stdout: '', stderr })
  expect(await readFile(join(base, 'compose/r2/failed/web.log'), 'utf8')).toBe('no route\nfor /up\n')
  expect(await readdir(join(base, 'compose/r2/failed'))).toEqual(['web.json', 'web.log'])
  // Of several containers of a service, each has files of its own.
  await write(base, { ps: `${await readFile(join(base, 'ps'), 'utf8')}c3 web w2 running shop-web-2 l\n` })
  const two = 'web-1: no route\nweb-1: for /up\n'
  expect(await run(evidenceScript(site, 'r2', 'r1'))).toEqual({ code: 0, stdout: '', stderr: two })
  expect(await readdir(join(base, 'compose/r2/failed'))).toEqual(
    expect.arrayContaining(['web-1.json', 'web-1.log', 'web-2.json', 'web-2.log']),
  )
  // One that never came up has told already.
  await write(base, { 'compose/active': 'r1\n' })
  expect(await run(evidenceScript(site, 'r2', 'r1'))).toEqual({ code: 0, stdout: '', stderr: '' })
})

test.each(shells)('what somebody changed is replaced, and how the new one was made is kept, with %s', async (shell) => {
  const { base, site, run, told } = await engineOf(shell, {
    ps: ['c1 web w1 running shop-web-1 l', 'c2 db d1 running shop-db-1 l'],
    files: {
      active: 'r1\n',
      made: 'c1 as-made\nc2 as-made\nc0 of-one-that-is-gone\n',
      'r1/services': line('db', 'd1') + line('web', 'w1'),
    },
    made: { web: 'c3 web w1 running shop-web-1 l\n' },
  })
  expect(await run(convergeScript({ ...site, changed: ['c1'] }, options, 'r1'))).toEqual({
    code: 0,
    stdout: 'db is unchanged\nweb: stopping the old one first: no proxy is in front of it\n',
    stderr: '',
  })
  expect(await told()).toEqual(['up web'])
  expect(await readFile(join(base, 'compose/made'), 'utf8')).toBe('c2 as-made\nc3 limits-of-c3\n')
  expect((await run(convergeScript(site, options, 'r1'))).stdout).toBe('db is unchanged\nweb is unchanged\n')
})
