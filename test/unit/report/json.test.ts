import { expect, test } from 'vitest'
import type { RunEvent } from '../../../src/run/event.ts'
import { createReport } from '../../../src/report/report.ts'
import { beginning, Collected, failedRun, timed } from './fixture.ts'

async function json(events: readonly (readonly [number, RunEvent])[]): Promise<readonly [string, string]> {
  const [stdout, stderr] = [new Collected(), new Collected()]
  const report = await createReport({ json: true, env: {}, stdout, stderr, now: () => beginning + 9000 })
  for (const [ms, event] of events) report.sink(timed(event, ms))
  await report.finish()
  return [stdout.text, stderr.text]
}

test('every event is a line on stdout as it is, its time first; errors are also told to people', async () => {
  const [stdout, stderr] = await json(failedRun)
  const lines = stdout.trimEnd().split('\n')
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual(failedRun.map(([ms, event]) => timed(event, ms)))
  expect(lines[0]).toBe(
    '{"t":"2026-11-22T14:03:11.000Z","type":"version","schema":"srv.events/1","srv":"0.1.0","run":"r1"}',
  )
  expect(stderr).toMatchInlineSnapshot(`
    "✖ SRV-501 blog/native@web1 health: It exited with status 1 after the start. It went back to r-old, which serves.
        Error: connect ECONNREFUSED 10.0.0.5:5432
            at TCPConnectWrap.afterConnect
      → npx srv logs production blog --host web1

    "
  `)
})

test('run.end is the last line also when the run broke off, and when events come after it', async () => {
  const [brokenOff] = await json(failedRun.slice(0, 4))
  expect(brokenOff.trimEnd().split('\n').at(-1)).toMatchInlineSnapshot(
    `"{"t":"2026-11-22T14:03:20.000Z","type":"run.end","status":"failed","exit_code":1,"ms":9000,"serving":{},"counts":{"changed":0,"ok":0,"skipped":0,"failed":0,"timeout":0,"lost":0,"cancelled":0},"errors":[]}"`,
  )
  const [late] = await json([...failedRun, [7000, { type: 'warning', message: 'late' }]])
  expect(late).toBe((await json(failedRun))[0])
})
