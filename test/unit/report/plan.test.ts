import { expect, test } from 'vitest'
import type { RunEvent } from '../../../src/run/event.ts'
import { planLines, type PlanEvent } from '../../../src/report/plan.ts'
import { createReport } from '../../../src/report/report.ts'
import { plainStyle } from '../../../src/report/style.ts'
import { at, beginning, Collected, noCounts, start, timed, unhealthy, version } from './fixture.ts'

const dryRun = { ...start, dry_run: true }
const [web1, web2] = ['blog/native@web1', 'blog/native@web2']

type Would = Extract<RunEvent, { type: 'step.would' }>

const would = (id: string, task: string, target: string, what: string, ...commands: string[]): Would => ({
  type: 'step.would',
  ...at(id, task, target),
  what,
  commands,
})

const events: readonly RunEvent[] = [
  would('1', 'git:resolve', 'local', 'main is 8d41e07 "Add gift cards"'),
  would('2', 'build', web1, 'npm ci in releases/8d41e07', 'cd releases/8d41e07\nnpm ci'),
  would('2', 'build', web2, 'npm ci in releases/8d41e07', 'cd /home/web2/releases/8d41e07\nnpm ci'),
  { type: 'step.end', ...at('2', 'build', web1), status: 'changed', ms: 0 },
  { type: 'step.end', ...at('3', 'env', web1), status: 'skipped', ms: 0, reason: 'no variables' },
  would('3', 'env', web2, 'write .env (2 keys)'),
  would('4', 'health', web1, 'ask \u001b[2Jhttp://127.0.0.1:3000/up until 4 answers are good'),
]

function plan(list: readonly RunEvent[], verbose = 0, width?: number): string {
  const timedList = list.map((event) => timed(event))
  const isPlanned = (event: RunEvent & { t: string }): event is PlanEvent =>
    event.type === 'step.would' || event.type === 'step.end'
  const begun = { ...dryRun, t: timed(dryRun).t }
  return planLines(begun, timedList.filter(isPlanned), { style: plainStyle, verbose, width }).join('\n')
}

type End = Extract<RunEvent, { type: 'run.end' }>

/** Both streams of a dry run that said this. */
async function dryReport(
  said: readonly RunEvent[],
  ending: Partial<End>,
): Promise<Record<'stdout' | 'stderr', string>> {
  const [stdout, stderr] = [new Collected(), new Collected()]
  const report = await createReport({ env: {}, stdout, stderr, now: () => beginning })
  const end: End = {
    type: 'run.end',
    status: 'ok',
    exit_code: 0,
    ms: 830,
    serving: {},
    counts: noCounts,
    errors: [],
    ...ending,
  }
  for (const event of [version, dryRun, ...said, end]) report.sink(timed(event))
  await report.finish()
  return { stdout: stdout.text, stderr: stderr.text }
}

test('what each step would do, by phase; the same on several hosts is one line', () => {
  expect(plan(events)).toMatchInlineSnapshot(`
    "Plan of deploy production on web1, web2

    resolve
      git:resolve  Find the commit
        local                      main is 8d41e07 "Add gift cards"

    prepare
      build  Build the release
        blog/native on web1, web2  npm ci in releases/8d41e07
      env  Place the environment
        blog/native on web1        skipped: no variables
        blog/native on web2        write .env (2 keys)

    activate
      health  Wait until it is healthy
        blog/native on web1        ask http://127.0.0.1:3000/up until 4 answers are good"
  `)
})

test('-v shows the commands', () => {
  expect(plan(events.slice(1, 3), 1)).toMatchInlineSnapshot(`
    "Plan of deploy production on web1, web2

    prepare
      build  Build the release
        blog/native on web1  npm ci in releases/8d41e07
                             $ cd releases/8d41e07
                               npm ci
        blog/native on web2  npm ci in releases/8d41e07
                             $ cd /home/web2/releases/8d41e07
                               npm ci"
  `)
})

test('long lines wrap below themselves in a terminal', () => {
  expect(plan(events.slice(6), 0, 50)).toMatchInlineSnapshot(`
    "Plan of deploy production on web1, web2

    activate
      health  Wait until it is healthy
        blog/native on web1  ask
                             http://127.0.0.1:3000/up
                             until 4 answers are good"
  `)
})

test('a plan without steps says so', () => {
  expect(plan([])).toBe('Plan of deploy production on web1, web2\n\nThere is nothing to do.')
})

test('many hosts are a number', () => {
  const hosts = Array.from({ length: 20 }, (_, index) => `web${index + 1}`)
  const many = { ...dryRun, hosts, steps: [{ id: '1', task: 'a', title: 'A', group: '', targets: hosts }], t: '' }
  const all = hosts.map((host) => ({ ...would('1', 'a', host, 'same'), t: '' }))
  const lines = planLines(many, all, { style: plainStyle, verbose: 0 })
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "Plan of deploy production on 20 hosts
      a  A
        all 20 targets  same"
  `)
})

test('a dry run prints its plan on stdout, and everything else on stderr', async () => {
  const { stdout, stderr } = await dryReport(events, { status: 'ok' })
  expect(stdout).toBe(`${plan(events)}\n`)
  expect(stderr).toMatchInlineSnapshot(`
    "deploy production: 2 hosts, 5 steps

    ✔ Nothing was changed on production.  0.8 s
      Next: npx srv deploy production
    "
  `)
})

test('a dry run that fails at its first step claims nothing about what would be done', async () => {
  const at1 = at('1', 'git:resolve', 'local')
  const failed: RunEvent = { type: 'step.end', ...at1, status: 'failed', ms: 0, error: unhealthy }
  const { stdout } = await dryReport([failed], { status: 'refused', exit_code: 9, errors: [unhealthy] })
  expect(stdout).toBe('')
})

test('a dry run with nothing to do says so, and names no command that would do it', async () => {
  const { stdout, stderr } = await dryReport([], { status: 'unchanged' })
  expect(stdout).toBe('Plan of deploy production on web1, web2\n\nThere is nothing to do.\n')
  expect(stderr).toMatchInlineSnapshot(`
    "deploy production: 2 hosts, 5 steps

    ✔ Nothing needs to change on production.  0.8 s
    "
  `)
})
