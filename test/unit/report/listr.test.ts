import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { RunEvent } from '../../../src/run/event.ts'
import { createReport, type Report } from '../../../src/report/report.ts'
import { at, beginning, failedRun, noCounts, start, step, timed, version } from './fixture.ts'
import { FakeTerminal } from './terminal.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: beginning })
})
afterEach(() => {
  vi.useRealTimers()
})

interface Live {
  readonly terminal: FakeTerminal
  readonly stdout: FakeTerminal
  readonly report: Report
  /** Sends the events at their times; with `until` only those that come before, and then stands still. */
  readonly play: (events: readonly (readonly [number, RunEvent])[], until?: number) => Promise<void>
}

/** A live report, with a clock that follows the events. */
async function live(columns = 80, rows = 30, env: Readonly<Record<string, string>> = { NO_COLOR: '1' }): Promise<Live> {
  const terminal = new FakeTerminal(columns, rows)
  const stdout = new FakeTerminal(columns, rows)
  const report = await createReport({ env, stdout, stderr: terminal })
  const play = async (events: readonly (readonly [number, RunEvent])[], until = Infinity): Promise<void> => {
    for (const [ms, event] of events) {
      if (ms > until) break
      await vi.advanceTimersByTimeAsync(Math.max(0, beginning + ms - Date.now()))
      report.sink(timed(event, ms))
    }
    if (until !== Infinity) await vi.advanceTimersByTimeAsync(beginning + until - Date.now())
  }
  return { terminal, stdout, report, play }
}

test('while it runs: what is done, what runs with its newest line, what is to come', async () => {
  const { terminal, play } = await live()
  await play(failedRun, 2150)
  expect(terminal.shown).toMatchInlineSnapshot(`
    "✔ connect      Log in to each host                               2 hosts  0.3 s
    ✔ check        Check that each host is ready                    3 checks  0.1 s
    ✔ git:resolve  main is 8d41e07                                     local  0.2 s
    ⠙ build        Build the release                                  0 of 2    1 s
      ⠙ blog/native@web1  › added 312 packages                                  1 s
      ⠙ blog/native@web2  › npm warn deprecated                                 1 s
    · env          Place the environment
    · health       Wait until it is healthy
    · git:prune    Remove old releases
    "
  `)
  expect(terminal.cursorShown).toBe(false)
})

test('in the end: the failing step stays open, the undo has its own line, the summary follows, the cursor is back', async () => {
  const { terminal, stdout, report, play } = await live()
  await play(failedRun)
  await report.finish()
  expect(terminal.shown).toMatchInlineSnapshot(`
    "! web2  rsync is old
    ✔ connect      Log in to each host                               2 hosts  0.3 s
    ✔ check        Check that each host is ready                    3 checks  0.1 s
    ✔ git:resolve  main is 8d41e07                                     local  0.2 s
    ✔ build        Build the release                               2 changed  2.4 s
    – env          no variables                                    2 skipped
    ✖ health       Wait until it is healthy          1 failed, 1 not started  2.0 s
      ✖ blog/native@web1  It exited with status 1 after the start. It went…   2.0 s
      · blog/native@web2
    ✔ put back blog/native@web1  undo git:switch, restart                     1.2 s
    · not started: git:prune

    ✖ SRV-501 blog/native@web1 health: It exited with status 1 after the start. It
      went back to r-old, which serves.
        Error: connect ECONNREFUSED 10.0.0.5:5432
            at TCPConnectWrap.afterConnect
      → npx srv logs production blog --host web1

    INSTANCE     HOST  RELEASE  STATE      URL
    blog/native  web1  r-old    old        http://web1:3000/
    blog/native  web2  r-old    unchanged  http://web2:3000/

    ✖ Failed: deploy production
      2 hosts · 1 failed, 2 changed, 1 ok, 2 skipped · 6.6 s
      The previous release serves on every host that was touched.
    "
  `)
  expect(terminal.cursorShown).toBe(true)
  expect(stdout.text).toBe('')
})

const hosts = Array.from({ length: 12 }, (_, index) => `web${index + 1}`)
const crowd: readonly (readonly [number, RunEvent])[] = [
  [0, version],
  [0, { ...start, hosts, steps: [step('1', 'build', 'Build the release', 'prepare', hosts)] }],
  ...hosts.map((host): readonly [number, RunEvent] => [100, { type: 'step.start', ...at('1', 'build', host) }]),
  ...hosts.slice(0, 7).map((host, index): readonly [number, RunEvent] => [
    1200,
    {
      type: 'step.end',
      ...at('1', 'build', host),
      ms: 1100,
      ...(index === 4
        ? {
            status: 'failed',
            error: { code: 'SRV-501', message: 'no space left on device', hint: '', where: {}, output: [] },
          }
        : { status: 'changed' }),
    },
  ]),
]

test('past ten targets a step is one line with counts, and only what fails stands below it', async () => {
  const { terminal, play } = await live()
  await play(crowd, 2400)
  expect(terminal.shown).toMatchInlineSnapshot(`
    "⠼ build  Build the release                        7 of 12 done, 1 failed    2 s
      ✖ web5  no space left on device                                         1.1 s
    "
  `)
})

test('a frame is never taller or wider than the terminal', async () => {
  const { terminal, play } = await live(44, 7)
  await play(failedRun, 3450)
  expect(terminal.shown).toMatchInlineSnapshot(`
    "! web2  rsync is old
    ✔ 4 steps done
    – env        no variables         2 skipped
    ⠼ health     Wait until it is heal…  0 of 2
      ⠼ blog/native@web1
      · blog/native@web2
    · git:prune  Remove old releases
    "
  `)
})

test('at most ten frames are drawn in a second, however many events come', async () => {
  const { terminal, report, play } = await live()
  await play(failedRun, 800)
  const before = terminal.frames
  for (let count = 0; count < 1000; count++) {
    await vi.advanceTimersByTimeAsync(1)
    const line = `line ${count}`
    report.sink(
      timed({ type: 'step.output', ...at('2', 'build', 'blog/native@web1'), stream: 'stdout', line }, 800 + count),
    )
  }
  expect(terminal.frames - before).toBe(10)
})

/** Every step starts on all hosts, prints much, and ends on one host after the other: 50 hosts, 8 steps, 16 seconds. */
function bigRun(): readonly (readonly [number, RunEvent])[] {
  const fleet = Array.from({ length: 50 }, (_, index) => `blog/native@web${index + 1}`)
  const names = Array.from({ length: 8 }, (_, index) => `step${index + 1}`)
  const events: (readonly [number, RunEvent])[] = [
    [0, version],
    [0, { ...start, hosts: fleet, steps: names.map((name, index) => step(`${index}`, name, 'Do it', '', fleet)) }],
  ]
  for (const [index, name] of names.entries()) {
    const begin = index * 2000
    for (const target of fleet) events.push([begin, { type: 'step.start', ...at(`${index}`, name, target) }])
    for (let count = 0; count < 40; count++) {
      for (const target of fleet) {
        const line = `line ${count} of ${name}`
        events.push([
          begin + 20 * count,
          { type: 'step.output', ...at(`${index}`, name, target), stream: 'stdout', line },
        ])
      }
    }
    for (const [host, target] of fleet.entries()) {
      const ms = 1000 + 10 * host
      events.push([begin + ms, { type: 'step.end', ...at(`${index}`, name, target), status: 'changed', ms }])
    }
  }
  const ms = 16_000
  const counts = { ...noCounts, changed: fleet.length * names.length }
  return [...events, [ms, { type: 'run.end', status: 'ok', exit_code: 0, ms, serving: {}, counts, errors: [] }]]
}

test('the work is bounded with 50 hosts and 8 steps: one write a frame, no more frames than time allows, few bytes', async () => {
  const { terminal, stdout, report, play } = await live(120, 40)
  const writes = vi.spyOn(terminal, '_write')
  const events = bigRun()
  await play(events)
  await report.finish()
  expect(terminal.shown).toMatchInlineSnapshot(`
    "✔ step1  Do it                                                                     50 changed  1.5 s
    ✔ step2  Do it                                                                     50 changed  1.5 s
    ✔ step3  Do it                                                                     50 changed  1.5 s
    ✔ step4  Do it                                                                     50 changed  1.5 s
    ✔ step5  Do it                                                                     50 changed  1.5 s
    ✔ step6  Do it                                                                     50 changed  1.5 s
    ✔ step7  Do it                                                                     50 changed  1.5 s
    ✔ step8  Do it                                                                     50 changed  1.5 s

    ✔ Done: deploy production  50 hosts · 400 changed · 16 s
    "
  `)
  expect(events.length).toBe(16_803)
  // Ten frames in a second, for 16 seconds; each is one write, and the few others are the summary and the cursor.
  expect(terminal.frames).toBeGreaterThan(50)
  expect(terminal.frames).toBeLessThanOrEqual(160)
  expect(writes.mock.calls.length).toBeLessThanOrEqual(terminal.frames + 10)
  // A frame has a line for each step, whatever the number of hosts.
  expect(Buffer.byteLength(terminal.text)).toBeLessThan(160 * 8 * 120)
  expect(stdout.text).toBe('')
})

test('what others write goes above the frame, on both streams, and the streams are given back', async () => {
  const { terminal, stdout, report, play } = await live()
  const writes = (): unknown[] => [terminal, stdout].map((stream): unknown => Reflect.get(stream, 'write'))
  const before = writes()
  await play(failedRun, 2150)
  terminal.write('a warning of Node\n')
  stdout.write('data\n')
  terminal.write('half a line')
  await vi.advanceTimersByTimeAsync(100)
  expect(terminal.shown.split('\n').slice(0, 3)).toMatchInlineSnapshot(`
    [
      "a warning of Node",
      "half a line",
      "✔ connect      Log in to each host                               2 hosts  0.3 s",
    ]
  `)
  await play(failedRun.filter(([ms]) => ms > 2150))
  await report.finish()
  expect(stdout.text).toBe('data\n')
  expect(writes()).toEqual(before)
})

test('a run that breaks off ends the view too', async () => {
  const { terminal, report, play } = await live()
  await play(failedRun, 2150)
  await report.finish()
  expect(terminal.shown).toMatchInlineSnapshot(`
    "✔ connect      Log in to each host                               2 hosts  0.3 s
    ✔ check        Check that each host is ready                    3 checks  0.1 s
    ✔ git:resolve  main is 8d41e07                                     local  0.2 s
    ■ build        Build the release                             2 cancelled  1.4 s
      ■ blog/native@web1  › added 312 packages                     cancelled  1.4 s
      ■ blog/native@web2  › npm warn deprecated                    cancelled  1.4 s
    · not started: env, health, git:prune
    "
  `)
  expect(terminal.cursorShown).toBe(true)
})

test('signs have colours, and notes are dim', async () => {
  const { terminal, report, play } = await live(60, 30, { TERM: 'xterm' })
  await play([
    [0, version],
    [0, { ...start, hosts: ['web1'], steps: [step('1', 'build', 'Build it', '', ['web1'])] }],
    [0, { type: 'step.start', ...at('1', 'build', 'web1') }],
    [900, { type: 'step.end', ...at('1', 'build', 'web1'), status: 'changed', ms: 900 }],
    [950, { type: 'run.end', status: 'ok', exit_code: 0, ms: 950, serving: {}, counts: noCounts, errors: [] }],
  ])
  await report.finish()
  const last = terminal.text.slice(terminal.text.lastIndexOf('\u001b[?2026h')).replaceAll('\u001b', '␛')
  expect(last).toMatchInlineSnapshot(`
    "␛[?2026h
    ␛[1A␛[32m✔␛[39m build  ␛[2mBuild it␛[22m                                     ␛[2m0.9 s␛[22m␛[K
    ␛[J␛[?2026l␛[?25h
    ␛[32m✔␛[39m ␛[1mDone: deploy production␛[22m  1 host · 0.9 s
    "
  `)
})

test('no listener is left on the process, and none of listr2 was ever there', async () => {
  const count = (): number[] => ['SIGINT', 'SIGTERM', 'exit'].map((name) => process.listenerCount(name))
  const before = count()
  const { report, play } = await live()
  await play(failedRun, 2150)
  expect(count()).toEqual(before.map((number, index) => (index === 2 ? number + 1 : number)))
  await report.finish()
  expect(count()).toEqual(before)
})

test('what a step says that it did is below the end, where it is not cut', async () => {
  const { terminal, report, play } = await live(80)
  const target = 'blog/native@web1'
  const info = step('1', 'backup:snapshot', 'Copy the data', 'backup', [target])
  const reason = '20261128T200223Z: 38 files, 5.3 MB, 8 kB new, in nas:/tank/srv/web1/blog'
  await play([
    [0, { ...start, pipeline: 'backup', hosts: ['web1'], steps: [info] }],
    [0, { type: 'step.start', ...at('1', 'backup:snapshot', target) }],
    [900, { type: 'step.end', ...at('1', 'backup:snapshot', target), status: 'changed', ms: 900, reason }],
    [
      1000,
      {
        type: 'run.end',
        status: 'ok',
        exit_code: 0,
        ms: 1000,
        serving: {},
        counts: { ...noCounts, changed: 1 },
        errors: [],
      },
    ],
  ])
  await report.finish()
  expect(terminal.shown).toMatchInlineSnapshot(`
    "✔ backup:snapshot  20261128T200223Z: 38 files, 5.3 MB, 8 kB new, in nas…  0.9 s

    ✔ Done: backup production  1 host · 1 changed · 1.0 s
      20261128T200223Z: 38 files, 5.3 MB, 8 kB new, in nas:/tank/srv/web1/blog
    "
  `)
})
