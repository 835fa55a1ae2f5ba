import { expect, test } from 'vitest'
import { runLines, type RunDocument } from '../../../src/report/run.ts'
import { stepLines, type KeptStepStatus, type RunStep } from '../../../src/report/run-steps.ts'
import { runsLines, type RunRow } from '../../../src/report/runs.ts'
import { plainStyle } from '../../../src/report/style.ts'

const now = Date.parse('2026-11-22T15:03:11.000Z')
const environment = { NO_COLOR: '1' }

const row = (change: Partial<RunRow>): RunRow => ({
  id: '20261122T140311Z-1f3a',
  started_at: '2026-11-22T14:03:11.000Z',
  pipeline: 'deploy',
  environment: 'production',
  status: 'ok',
  exit_code: 0,
  ms: 96_000,
  changed: 7,
  hosts: ['web1', 'web2'],
  actor: 'ann@laptop',
  folder: '.srv/runs/20261122T140311Z-1f3a',
  ...change,
})

const rows = [
  row({
    id: '20261122T150310Z-0c77',
    started_at: '2026-11-22T15:03:10.500Z',
    status: 'running',
    exit_code: null,
    ms: null,
    changed: null,
  }),
  row({
    id: '20261122T143311Z-9b02',
    started_at: '2026-11-22T14:33:11.000Z',
    status: 'crashed',
    exit_code: 7,
    ms: 4200,
    changed: 2,
  }),
  row({ hosts: ['web1', 'web2', 'web3', 'web4'] }),
]

test('runs as a table, newest first; of many hosts only their number', () => {
  const lines = runsLines({ schema: 'srv.runs/1', runs: rows }, { stream: {}, env: environment, now })
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "RUN                    WHEN        PIPELINE  ENVIRONMENT  STATUS   EXIT  TIME        CHANGED  HOSTS
    20261122T150310Z-0c77  now         deploy    production   running                             web1, web2
    20261122T143311Z-9b02  30 min ago  deploy    production   crashed  7     4.2 s       2        web1, web2
    20261122T140311Z-1f3a  1 h ago     deploy    production   ok       0     1 min 36 s  7        4 hosts"
  `)
})

test('in a narrow terminal the last columns are left out, and ids are whole', () => {
  const linesOf = (columns: number): string =>
    runsLines({ schema: 'srv.runs/1', runs: rows }, { stream: { columns }, env: environment, now }).join('\n')
  expect(linesOf(88)).toMatchInlineSnapshot(`
    "RUN                    WHEN        PIPELINE  ENVIRONMENT  STATUS   EXIT  TIME
    20261122T150310Z-0c77  now         deploy    production   running
    20261122T143311Z-9b02  30 min ago  deploy    production   crashed  7     4.2 s
    20261122T140311Z-1f3a  1 h ago     deploy    production   ok       0     1 min 36 s"
  `)
  expect(linesOf(70)).toMatchInlineSnapshot(`
    "RUN                    WHEN        PIPELINE  ENVIRONME…  STATUS   EXIT
    20261122T150310Z-0c77  now         deploy    production  running
    20261122T143311Z-9b02  30 min ago  deploy    production  crashed  7
    20261122T140311Z-1f3a  1 h ago     deploy    production  ok       0"
  `)
})

const step = (task: string, target: string, status: KeptStepStatus, ms: number | null = null): RunStep => ({
  step: task,
  task,
  title: task,
  target,
  host: target.slice(target.lastIndexOf('@') + 1),
  status,
  ms,
  reason: null,
})

const steps = [
  step('resolve', 'local', 'ok', 40),
  step('build', 'blog/native@web1', 'changed', 1200),
  step('build', 'blog/native@web2', 'failed', 2000),
  step('health', 'blog/native@web1', 'interrupted'),
  step('health', 'blog/native@web2', 'pending'),
]

test('each step on each host in a table', () => {
  const lines = stepLines(steps, ['web1', 'web2'], { style: plainStyle })
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "STEP     INSTANCE     web1           web2            local
    resolve                                              ✔ 40 ms
    build    blog/native  ✔ 1.2 s        ✖ failed 2.0 s
    health   blog/native  ? interrupted  · not started"
  `)
})

test('where a column for each host does not fit, hosts on which the same happened are one row', () => {
  const hosts = Array.from({ length: 12 }, (_, index) => `web${index + 1}`)
  const many = hosts.map((host, index) =>
    step('build', `blog/native@${host}`, index === 3 ? 'timeout' : 'changed', 1000 + index),
  )
  const lines = stepLines(many, hosts, { style: plainStyle, width: 80 })
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "STEP   INSTANCE     STATUS       TIME   ON
    build  blog/native  ✔ changed    1.0 s  web1, web2, web3 and 8 more
    build  blog/native  ✖ timed out  1.0 s  web4"
  `)
})

test('one run in full', () => {
  const document: RunDocument = {
    schema: 'srv.runs.show/1',
    ...row({ status: 'failed', exit_code: 5 }),
    srv: '0.1.0',
    argv: ['deploy', 'production', '--ref', 'main'],
    config: '/home/ann/blog/srv.config.ts',
    commits: { 'blog/native': '8d41e07aa2' },
    steps,
    undone: [
      { target: 'blog/native@web1', host: 'web1', tasks: ['git:switch'], ok: true, ms: 300 },
      { target: 'blog/native@web2', host: 'web2', tasks: ['git:switch'], ok: null, ms: null },
    ],
    warnings: ['web1: its clock is slow'],
    errors: [
      { code: 'SRV-501', message: 'build failed.', hint: 'Read on.', where: { host: 'web2' }, output: ['no space'] },
    ],
    serving: { 'blog/native@web1': { release: '20261121T090000Z-1111111', state: 'old' } },
    logs: { web1: '.srv/runs/x/web1.log', local: '.srv/runs/x/local.log' },
  }
  expect(runLines(document, { stream: {}, env: environment, now }).join('\n')).toMatchInlineSnapshot(`
    "deploy production  failed  20261122T140311Z-1f3a
      exit 5 · 1 min 36 s · 2026-11-22T14:03:11.000Z (1 h ago) · ann@laptop
      $ srv deploy production --ref main
      blog/native at 8d41e07aa2

    STEP     INSTANCE     web1           web2            local
    resolve                                              ✔ 40 ms
    build    blog/native  ✔ 1.2 s        ✖ failed 2.0 s
    health   blog/native  ? interrupted  · not started

    ✔ put back blog/native@web1: undo git:switch 0.3 s
    ? put back blog/native@web2: undo git:switch interrupted

    ! web1: its clock is slow

    ✖ SRV-501 web2: build failed.
        no space
      → Read on.

    INSTANCE     HOST  RELEASE                   STATE
    blog/native  web1  20261121T090000Z-1111111  old

    Log: .srv/runs/x/web1.log
    Log: .srv/runs/x/local.log"
  `)
})
