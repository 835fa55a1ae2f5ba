import { expect, test } from 'vitest'
import { dockerCompose as plugin } from '../../../plugins/docker-compose/index.ts'
import type { InstanceState } from '../../../src/index.ts'
import { inspectWith, type Situation } from '../../../src/testing.ts'
import { before, shop } from './situation.ts'

const two = '20261122T140311Z-3f9c2a1'

/** A host on which everything is as the release says. */
const facts = [
  `active ${before}`,
  `needs ${before} sha256:db`,
  `needs ${before} sha256:web`,
  `frozen ${before}`,
  `needs ${two} sha256:gone`,
  `frozen ${two}`,
  'image sha256:db',
  'image sha256:web',
  'container db aaaa running 0 0 healthy sha256:db /shop-db-1',
  'container web bbbb running 0 0 - sha256:web /shop-web-1',
  'container migrate cccc exited 0 0 - sha256:web /shop-migrate-1',
  'service \tdb\taaaa\tsha256:db\t1\tstays\tit writes to /srv/shop/data/db',
  'service \tmigrate\tcccc\tsha256:web\t1\tends\tno proxy is in front of it',
  'service \tweb\tbbbb\tsha256:web\t1\tstays\t',
]

const inspect = (lines: readonly string[], more: Situation = {}): Promise<Partial<InstanceState>> =>
  inspectWith(
    plugin(),
    shop({ state: { release: { id: before }, releases: [{ id: before }, { id: two }] }, ...more }),
    () => ({ code: 0, stdout: `${lines.join('\n')}\n`, stderr: '' }),
  )

const without = (word: string): readonly string[] => facts.filter((line) => !line.startsWith(word))

test('runs, is healthy, and can go back only to releases of which every image is there', async () => {
  const { details, ...state } = await inspect(facts)
  expect(state).toEqual({ running: 'yes', healthy: 'yes', releases: [{ id: before }], drift: [] })
  expect(details).toMatchObject({ compose: { running: ['db', 'web'] } })
})

test('can also go back to a release of which a registry may have what is gone', async () => {
  const names = ['r.example.org/web@sha256:d', 'mirror.example.org/web@sha256:d']
  const { releases, details } = await inspect([
    ...facts,
    `needs ${two} sha256:gone`,
    `digests sha256:gone ${names.join(' ')}`,
    'digests sha256:web r.example.org/web@sha256:e',
  ])
  expect(releases).toEqual([{ id: before }, { id: two }])
  expect(details).toMatchObject({ compose: { gone: { [two]: [{ image: 'sha256:gone', names }] } } })
})

test('nothing is deployed', async () => {
  expect(await inspect([])).toMatchObject({ running: 'no', releases: [], drift: [] })
})

test('runs without a release when a person started it', async () => {
  const line = 'container web - running 0 0 - sha256:web /shop-web-1'
  const undeployed: Situation = { state: { releases: [] } }
  const state = await inspect([line, 'container job - exited 0 0 - sha256:web /shop-job-1'], undeployed)
  expect(state).toMatchObject({
    running: 'yes',
    drift: [],
    notes: ['shop-web-1 was started by hand: a deploy replaces it, and starts it again if the deploy fails'],
  })
  expect(await inspect([line.replace('running', 'exited')], undeployed)).toMatchObject({ running: 'unknown' })
})

test.for([
  [`open ${two}`, `the run that deployed ${two} did not finish`],
  ['changed /srv/shop/x.conf', 'a mounted file has changed: /srv/shop/x.conf'],
  ['container other oooo running 0 0 - sha256:o /shop-other-1', 'shop-other-1 is not part of the release'],
  ['container web - running 0 0 - sha256:web /by-hand', 'by-hand was not started by srv'],
  ['container web dddd running 0 0 - sha256:web /shop-web-2', 'shop-web-2 belongs to another release'],
  ['container web bbbb running 0 0 - sha256:x /shop-web-2', 'shop-web-2 runs another image than the release'],
] as const)('says of %s: %s', async ([line, drift]) => {
  expect((await inspect([...facts, line])).drift).toEqual([drift])
})

test.for([
  ['1048576|-1|0|0|0|0|0||<nil>|no:0|shop_default,', 'memory 1048576 instead of none'],
  [
    '0|0|0|500000000|0|0|0|0,1|64|no:0|shop_default,',
    'CPUs 0.5 instead of none, set of CPUs 0, 1 instead of none, processes 64 instead of none',
  ],
  ['0|0|0|0|0|0|0||<nil>|on-failure:3|shop_default,', 'restart policy on-failure:3 instead of none'],
  ['0|0|0|0|0|0|0||<nil>|no:0|other,shop_default,', 'networks other, shop_default instead of shop_default'],
  ['0|0|0|0|0|0|0||<nil>|no:0|', 'networks none instead of shop_default'],
  // Another version of the engine says the same in other words.
  ['0|0|0|0|0|0|0||0|:0|shop_default,', undefined],
] as const)('says of a container that is %s now what somebody changed', async ([now, drift]) => {
  const made = 'made id9 0|0|0|0|0|0|0||<nil>|no:0|shop_default,'
  const container = `container web bbbb running 0 0 - sha256:web /shop-web-1 id9 ${now}`
  const { details, ...state } = await inspect([...without('container web'), made, container])
  expect(state.drift).toEqual(drift === undefined ? [] : [`shop-web-1 was changed by hand: ${drift}`])
  expect(details).toMatchObject({ compose: { changed: drift === undefined ? [] : ['id9'] } })
  // Of one that was made before this was kept, nothing is known.
  expect((await inspect([...without('container web'), container])).drift).toEqual([])
})

test('tells of what somebody else started beside the release as what no deploy changes', async () => {
  const line = 'container other - running 0 0 - sha256:o /shop-other-1'
  const note = 'shop-other-1 is not part of the release and was not started by srv: a deploy leaves it alone'
  expect(await inspect([...facts, line])).toMatchObject({ drift: [], notes: [note] })
})

test('tells of what runs as what the config does not say any more', async () => {
  const note = (words: string) => [`it still runs as ${words}, which the config no longer names`]
  expect(await inspect([...facts, 'former store alone'])).toMatchObject({ notes: note('the project store') })
  expect(await inspect([...facts, 'former shop swarm'])).toMatchObject({ notes: note('the stack shop of a swarm') })
})

test('tells of restarts as what no deploy puts right', async () => {
  const line = 'container web bbbb running 0 3 - sha256:web /shop-web-2'
  expect(await inspect([...facts, line])).toMatchObject({ drift: [], notes: ['shop-web-2 was restarted 3 times'] })
})

test('says what does not run, what is unhealthy, and code that belongs to another release', async () => {
  expect(await inspect(without('container web'))).toMatchObject({
    running: 'no',
    drift: ['web: 0 of 1 containers run'],
  })
  const failed = [...without('container migrate'), 'container migrate cccc exited 1 0 - sha256:web /shop-migrate-1']
  expect(await inspect(failed)).toMatchObject({ running: 'no', drift: ['migrate: 0 of 1 containers run'] })
  const sick = [...without('container db'), 'container db aaaa running 0 0 unhealthy sha256:db /shop-db-1']
  expect(await inspect(sick)).toMatchObject({ healthy: 'no' })
  const moved = await inspect(facts, { state: { release: { id: two }, releases: [] } })
  expect(moved.drift).toEqual([`${before} is running, but the code in place is that of ${two}`])
})

const orchestrator = { kind: 'swarm', manager: 'web1' } as const
const swarm = [
  ...facts.filter((line) => !line.startsWith('container')),
  'node active',
  'stack db aaaa 1/1 -',
  'stack migrate cccc 0/1 -',
  'stack web bbbb 1/1 completed',
]

test('a swarm runs, and its manager says how it differs', async () => {
  expect(await inspect(swarm, { orchestrator })).toMatchObject({ running: 'yes', drift: [] })
  const changed = swarm.map((line) =>
    line === 'stack web bbbb 1/1 completed' ? 'stack web dddd 1/3 rollback_completed' : line,
  )
  expect(await inspect([...changed, 'stack other - 1/1 -'], { orchestrator })).toMatchObject({
    running: 'yes',
    drift: [
      'web belongs to another release',
      'the last update of web is rollback_completed',
      'web was scaled to 3: the release has 1',
      'web: 1 of 3 containers run',
      'other is not part of the release',
    ],
  })
})

test.for([
  ['stack web bbbb 0/3 -', 'no'],
  ['stack web bbbb 1/3 -', 'yes'],
  ['stack web bbbb 0/0 -', 'no'],
] as const)('of a swarm: %s, so that it runs: %s', async ([line, running]) => {
  const lines = swarm.map((one) => (one.startsWith('stack web') ? line : one))
  expect(await inspect(lines, { orchestrator })).toMatchObject({ running })
})

test('what is to have no containers lacks none', async () => {
  const none = 'service \tweb\tbbbb\tsha256:web\t0\tstays\t'
  const lines = swarm.map((one) => (one.startsWith('stack web') ? 'stack web bbbb 0/0 -' : one))
  const stack = lines.map((one) => (one.startsWith('service \tweb') ? none : one))
  expect(await inspect(stack, { orchestrator })).toMatchObject({ running: 'yes', drift: [] })
})

test('fewer containers than the release has serve, and that is told', async () => {
  const three = 'service \tweb\tbbbb\tsha256:web\t3\tstays\t'
  const lines = facts.map((one) => (one.startsWith('service \tweb') ? three : one))
  expect(await inspect(lines)).toMatchObject({ running: 'yes', drift: ['web: 1 of 3 containers run'] })
})

test('a node of a swarm knows only whether it is part of it', async () => {
  const node = { orchestrator: { ...orchestrator, manager: 'web2' } }
  expect(await inspect(swarm, node)).toMatchObject({ running: 'yes', drift: [] })
  const left = swarm.map((line) => (line === 'node active' ? 'node inactive' : line))
  expect(await inspect(left, node)).toMatchObject({ running: 'no', drift: ['this host has left the swarm'] })
})
