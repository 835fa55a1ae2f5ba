import { expect, test } from 'vitest'
import type { RunEvent } from '../../../src/run/event.ts'
import { createReport } from '../../../src/report/report.ts'
import { at, Collected, failedRun, noCounts, start, step, timed, unhealthy, version } from './fixture.ts'

interface Options {
  readonly verbose?: number
  readonly env?: Readonly<Record<string, string>>
}

async function plain(events: readonly (readonly [number, RunEvent])[], options: Options = {}): Promise<string> {
  const [stdout, stderr] = [new Collected(), new Collected()]
  const report = await createReport({ env: {}, plain: true, token: 'TOKEN', stdout, stderr, ...options })
  for (const [ms, event] of events) report.sink(timed(event, ms))
  await report.finish()
  expect(stdout.text).toBe('')
  return stderr.text
}

test('one line for each event that matters, the output of what failed, and the summary', async () => {
  expect(await plain(failedRun)).toMatchInlineSnapshot(`
    "deploy production: 2 hosts, 5 steps
    web1   connect      ✔ 0.2 s
    web2   connect      ✔ 0.3 s
    web1   check        ✔ 2 checks
    web2   check        ✔ 1 check
    ▸ git:resolve  Find the commit
    local  git:resolve  ✔ 0.2 s ok: main is 8d41e07
    ▸ build  Build the release (2 targets)
    web1   build        ✔ 2.2 s
    web2   build        ✔ 2.4 s
    web1   env          – skipped: no variables
    web2   env          – skipped: no variables
    web2   warning      ! rsync is old
    ▸ health  Wait until it is healthy (2 targets)
    web1   health       ▸ 1 of 4 good samples
    web1   health       ✖ 2.0 s SRV-501 It exited with status 1 after the start. It went back to r-old, which serves.
    web1   health       │ Error: connect ECONNREFUSED 10.0.0.5:5432
    web1   health       │     at TCPConnectWrap.afterConnect
    web1   put back     ▸ undo git:switch, restart
    web1   put back     ✔ 1.2 s

    ✖ SRV-501 blog/native@web1 health: It exited with status 1 after the start. It went back to r-old, which serves.
        Error: connect ECONNREFUSED 10.0.0.5:5432
            at TCPConnectWrap.afterConnect
      → npx srv logs production blog --host web1

    INSTANCE     HOST  RELEASE  STATE      URL
    blog/native  web1  r-old    old        http://web1:3000/
    blog/native  web2  r-old    unchanged  http://web2:3000/

    ✖ Failed: deploy production  2 hosts · 1 failed, 2 changed, 1 ok, 2 skipped · 6.6 s
      The previous release serves on every host that was touched.
    "
  `)
})

test('-v prints all output as it comes, and each check', async () => {
  const lines = await plain(failedRun, { verbose: 1 })
  expect(lines.split('\n').slice(0, 14).join('\n')).toMatchInlineSnapshot(`
    "deploy production: 2 hosts, 5 steps
    web1   connect      ✔ 0.2 s
    web2   connect      ✔ 0.3 s
    web1   check        ✔ git: git 2.49
    web1   check        ✔ disk: 41 GB free
    web1   check        ✔ 2 checks
    web2   check        ✔ git: git 2.49
    web2   check        ✔ 1 check
    ▸ git:resolve  Find the commit
    local  git:resolve  ✔ 0.2 s ok: main is 8d41e07
    ▸ build  Build the release (2 targets)
    web1   build        │ added 312 packages
    web2   build        │ npm warn deprecated
    web1   build        ✔ 2.2 s"
  `)
})

test('on GitHub output is folded and fenced, errors are annotated, and nothing of a host is obeyed', async () => {
  const evil = {
    type: 'step.output',
    ...at('2', 'build', 'blog/native@web1'),
    stream: 'stdout',
    line: '::set-env name=X::y',
  } as const
  const reason = { type: 'step.progress', ...at('4', 'health', 'blog/native@web1'), text: '##[error]fake' } as const
  const events = failedRun.flatMap(([ms, event]): (readonly [number, RunEvent])[] =>
    ms === 900
      ? [
          [ms, event],
          [ms, evil],
        ]
      : ms === 3400
        ? [[ms, reason]]
        : [[ms, event]],
  )
  expect(await plain(events, { env: { GITHUB_ACTIONS: 'true', CI: 'true' } })).toMatchInlineSnapshot(`
    "deploy production: 2 hosts, 5 steps
    web1   connect      ✔ 0.2 s
    web2   connect      ✔ 0.3 s
    web1   check        ✔ 2 checks
    web2   check        ✔ 1 check
    ▸ git:resolve  Find the commit
    local  git:resolve  ✔ 0.2 s ok: main is 8d41e07
    ▸ build  Build the release (2 targets)
    ::group::web1 build
    ::stop-commands::TOKEN
    added 312 packages
    ::set-env name=X::y
    ::TOKEN::
    ::endgroup::
    web1   build        ✔ 2.2 s
    ::group::web2 build
    ::stop-commands::TOKEN
    npm warn deprecated
    ::TOKEN::
    ::endgroup::
    web2   build        ✔ 2.4 s
    web1   env          – skipped: no variables
    web2   env          – skipped: no variables
    web2   warning      ! rsync is old
    ▸ health  Wait until it is healthy (2 targets)
    web1   health       ▸ ## [error]fake
    web1   health       ▸ 1 of 4 good samples
    web1   health       ✖ 2.0 s SRV-501 It exited with status 1 after the start. It went back to r-old, which serves.
    ::stop-commands::TOKEN
    web1   health       │ Error: connect ECONNREFUSED 10.0.0.5:5432
    web1   health       │     at TCPConnectWrap.afterConnect
    ::TOKEN::
    web1   put back     ▸ undo git:switch, restart
    web1   put back     ✔ 1.2 s
    ::error title=SRV-501 blog/native@web1 health::It exited with status 1 after the start. It went back to r-old, which serves.%0Anpx srv logs production blog --host web1
    ::stop-commands::TOKEN

    ✖ SRV-501 blog/native@web1 health: It exited with status 1 after the start. It went back to r-old, which serves.
        Error: connect ECONNREFUSED 10.0.0.5:5432
            at TCPConnectWrap.afterConnect
      → npx srv logs production blog --host web1

    INSTANCE     HOST  RELEASE  STATE      URL
    blog/native  web1  r-old    old        http://web1:3000/
    blog/native  web2  r-old    unchanged  http://web2:3000/

    ✖ Failed: deploy production  2 hosts · 1 failed, 2 changed, 1 ok, 2 skipped · 6.6 s
      The previous release serves on every host that was touched.
    ::TOKEN::
    "
  `)
})

test('targets are named in full when a host has several instances', async () => {
  const two = ['blog/native@web1', 'shop/docker@web1']
  expect(
    await plain([
      [0, version],
      [0, { ...start, hosts: ['web1'], steps: [step('1', 'restart', 'Restart', '', two)] }],
      ...two.map((target): readonly [number, RunEvent] => [5, { type: 'step.start', ...at('1', 'restart', target) }]),
      ...two.map((target): readonly [number, RunEvent] => [
        1000,
        { type: 'step.end', ...at('1', 'restart', target), status: 'changed', ms: 990 },
      ]),
      [
        1000,
        {
          type: 'run.end',
          status: 'ok',
          exit_code: 0,
          ms: 1000,
          serving: {},
          counts: { ...noCounts, changed: 2 },
          can_undo: true,
          undo: { services: [], hosts: [], tags: [] },
          errors: [],
        },
      ],
    ]),
  ).toMatchInlineSnapshot(`
    "deploy production: 1 host, 1 step
    ▸ restart  Restart (2 targets)
    blog/native@web1  restart   ✔ 1.0 s
    shop/docker@web1  restart   ✔ 1.0 s

    ✔ Done: deploy production  1 host · 2 changed · 1.0 s
      Undo: npx srv rollback production
    "
  `)
})

test('failed checks say what is missing and what to do; unreachable hosts, lost and cancelled steps are told apart', async () => {
  const where = ['web1', 'web2', 'web3', 'web4']
  const error = { ...unhealthy, code: 'SRV-201', message: 'No answer on port 22 for 10 s.', output: [] }
  const ends = (['timeout', 'lost', 'cancelled', 'ok'] as const).map((status, index): readonly [number, RunEvent] => [
    9,
    {
      type: 'step.end',
      ...at('1', 'restart', where[index] ?? ''),
      status,
      ms: 61_000,
      ...(status === 'timeout' ? { error: { ...unhealthy, code: 'SRV-502', message: 'It took too long.' } } : {}),
    },
  ])
  expect(
    await plain([
      [0, version],
      [0, { ...start, hosts: where, steps: [step('1', 'restart', 'Restart', '', where)] }],
      [1, { type: 'host.unreachable', host: 'web4', error }],
      [2, { type: 'check.start', host: 'web1', checks: 2 }],
      [
        3,
        {
          type: 'check.end',
          host: 'web1',
          check: 'docker',
          ok: false,
          problem: 'permission denied',
          fix: 'usermod -aG docker deploy',
        },
      ],
      [3, { type: 'check.end', host: 'web1', check: 'disk', ok: true }],
      [
        4,
        { type: 'step.output', ...at('1', 'restart', 'web2'), stream: 'stderr', line: 'kept \u001b]0;title\u0007back' },
      ],
      ...ends,
      [9, { type: 'undo.end', target: 'web2', host: 'web2', ok: false, ms: 5, error }],
      [9, { type: 'warning', message: 'about no host' }],
    ]),
  ).toMatchInlineSnapshot(`
    "deploy production: 4 hosts, 1 step
    web4  connect   ✖ SRV-201 No answer on port 22 for 10 s.
    web1  check     ✖ docker: permission denied
    web1  check     │ fix: usermod -aG docker deploy
    web1  restart   ✖ 1 min 1 s SRV-502 It took too long.
    web1  restart   │ Error: connect ECONNREFUSED 10.0.0.5:5432
    web1  restart   │     at TCPConnectWrap.afterConnect
    web2  restart   ? 1 min 1 s lost
    web3  restart   ■ 1 min 1 s cancelled
    web4  restart   ✔ 1 min 1 s ok
    web2  put back  ✖ 5 ms No answer on port 22 for 10 s.
    ! about no host
    "
  `)
})

test('a view that fails is not the end of the run: the summary is written all the same', async () => {
  const broken = new Collected()
  const stderr = new Collected()
  const report = await createReport({ env: {}, stdout: broken, stderr })
  for (const [ms, event] of failedRun) report.sink(timed(event, ms))
  // A time that is none makes no view throw; an event that is none does.
  const nonsense: unknown = JSON.parse('{"type":"step.end","step":"2","target":5}')
  expect(() => Reflect.apply(report.sink, undefined, [nonsense])).not.toThrow()
  await report.finish()
  expect(stderr.text).toMatch(/The display failed, but the run did not: .*\n\n✖ SRV-501[^]*✖ Failed: deploy production/)
})
