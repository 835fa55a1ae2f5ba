import { expect, test } from 'vitest'
import type { RunEvent } from '../../../../src/run/event.ts'
import { logLines } from '../../../../src/run/journal/log-lines.ts'
import { at, timed } from './project.ts'

const build = at('build', 'blog/native@web1')
const error = {
  code: 'SRV-501',
  message: 'build failed\non web1.',
  hint: 'Read on.',
  where: {},
  output: ['said before'],
}

test('what srv did stands between the lines of output', () => {
  const events: readonly RunEvent[] = [
    { type: 'host.connect', host: 'web1' },
    { type: 'host.ready', host: 'web1', ms: 12 },
    { type: 'host.unreachable', host: 'web1', error },
    { type: 'check.start', host: 'web1', checks: 2 },
    { type: 'check.end', host: 'web1', check: 'git', ok: true, found: '2.39.2' },
    { type: 'check.end', host: 'web1', check: 'disk', ok: false, problem: 'it is full', fix: 'make room' },
    { type: 'step.start', ...build },
    { type: 'step.output', ...build, stream: 'stderr', line: 'warns' },
    { type: 'step.progress', ...build, text: 'half' },
    { type: 'step.end', ...build, status: 'failed', ms: 340, error },
    { type: 'step.end', ...build, status: 'skipped', ms: 0, reason: 'it serves already' },
    { type: 'undo.start', target: build.target, host: 'web1', tasks: ['git:switch', 'build'] },
    { type: 'undo.end', target: build.target, host: 'web1', ok: true, ms: 5 },
    { type: 'undo.end', target: build.target, host: 'web1', ok: false, ms: 5, error },
    { type: 'warning', host: 'web1', message: 'slow clock' },
  ]
  expect(events.flatMap((event) => logLines(timed(event))?.lines ?? []).join('\n')).toMatchInlineSnapshot(`
    "2026-11-22T14:03:11.000Z srv    web1: connecting
    2026-11-22T14:03:11.000Z srv    web1: connected after 12 ms
    2026-11-22T14:03:11.000Z srv    web1: SRV-501 build failed
    2026-11-22T14:03:11.000Z srv    web1: on web1.
    2026-11-22T14:03:11.000Z srv    web1: → Read on.
    2026-11-22T14:03:11.000Z srv    web1 check: git: ok; 2.39.2
    2026-11-22T14:03:11.000Z srv    web1 check: disk: it is full; make room
    2026-11-22T14:03:11.000Z srv    blog/native@web1 build: begins
    2026-11-22T14:03:11.000Z stderr blog/native@web1 build: warns
    2026-11-22T14:03:11.000Z srv    blog/native@web1 build: half
    2026-11-22T14:03:11.000Z srv    blog/native@web1 build: failed after 340 ms
    2026-11-22T14:03:11.000Z srv    blog/native@web1 build: SRV-501 build failed
    2026-11-22T14:03:11.000Z srv    blog/native@web1 build: on web1.
    2026-11-22T14:03:11.000Z srv    blog/native@web1 build: → Read on.
    2026-11-22T14:03:11.000Z srv    blog/native@web1 build: skipped after 0 ms: it serves already
    2026-11-22T14:03:11.000Z srv    blog/native@web1 put back: begins: git:switch, build
    2026-11-22T14:03:11.000Z srv    blog/native@web1 put back: done after 5 ms
    2026-11-22T14:03:11.000Z srv    blog/native@web1 put back: failed after 5 ms
    2026-11-22T14:03:11.000Z srv    blog/native@web1 put back: SRV-501 build failed
    2026-11-22T14:03:11.000Z srv    blog/native@web1 put back: on web1.
    2026-11-22T14:03:11.000Z srv    blog/native@web1 put back: → Read on.
    2026-11-22T14:03:11.000Z srv    warning: slow clock"
  `)
})

test('no line of output can act on the terminal that shows the log, or look like two', () => {
  const line = '\u001b]0;title\u0007\u001b[31mred\u001b[0m'
  expect(logLines(timed({ type: 'step.output', ...build, stream: 'stdout', line }))?.lines).toEqual([
    '2026-11-22T14:03:11.000Z stdout blog/native@web1 build: red',
  ])
})
