import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TimedEvent } from '../../../../src/run/event.ts'
import { crashEnd } from '../../../../src/run/journal/crash.ts'
import { tidyJournal } from '../../../../src/run/journal/open.ts'
import { livenessOf, ownIdentity } from '../../../../src/run/journal/process-identity.ts'
import { mostRuns } from '../../../../src/run/journal/prune.ts'
import { readEvents } from '../../../../src/run/journal/read-events.ts'
import { listRuns, openRun, runNames } from '../../../../src/run/journal/runs.ts'
import { at, beginning, journalProject, later, opening, timed, wellEnded, type JournalProject } from './project.ts'

const id = '20261122T140311Z-1f3a'
const [build1, build2] = [at('build', 'blog/native@web1'), at('build', 'blog/native@web2')]
const now = '2026-11-22T14:04:11.000Z'

let project: JournalProject
beforeEach(() => {
  project = journalProject()
})
afterEach(() => {
  project.remove()
})

const lastLine = (run: string): unknown =>
  JSON.parse(project.read(run, 'events.jsonl').trimEnd().split('\n').at(-1) ?? '')

describe('the result of a run that had no time to write one', () => {
  test('nothing was begun on a host: no host was changed', () => {
    const local = at('resolve', 'local')
    const events = [...opening, timed({ type: 'step.start', ...local }, 40)]
    expect(crashEnd(events, 'production', now)).toMatchInlineSnapshot(`
      {
        "counts": {
          "cancelled": 0,
          "changed": 0,
          "failed": 0,
          "lost": 0,
          "ok": 0,
          "skipped": 0,
          "timeout": 0,
        },
        "errors": [
          {
            "code": "SRV-513",
            "hint": "\`srv status production\` says what serves now; then run the same command again.",
            "message": "The run was cut off during resolve on local: its process ended without a result. No host was changed.",
            "output": [],
            "where": {
              "host": "local",
              "task": "resolve",
            },
          },
        ],
        "exit_code": 1,
        "ms": 40,
        "serving": {},
        "status": "failed",
        "t": "2026-11-22T14:04:11.000Z",
        "type": "run.end",
      }
    `)
  })

  test('a step was under way on a host: it may have been changed', () => {
    const events = [
      ...opening,
      timed({ type: 'step.start', ...build1 }, 40),
      timed({ type: 'step.start', ...build2 }, 40),
      timed({ type: 'step.end', ...build1, status: 'changed', ms: 60 }, 100),
    ]
    expect(crashEnd(events, 'production', now)).toMatchInlineSnapshot(`
      {
        "counts": {
          "cancelled": 0,
          "changed": 1,
          "failed": 0,
          "lost": 0,
          "ok": 0,
          "skipped": 0,
          "timeout": 0,
        },
        "errors": [
          {
            "code": "SRV-513",
            "hint": "\`srv status production\` says what serves now; then run the same command again.",
            "message": "The run was cut off during build on blog/native@web2: its process ended without a result. Hosts may have been changed, and what serves was not checked.",
            "output": [],
            "where": {
              "host": "web2",
              "task": "build",
            },
          },
        ],
        "exit_code": 7,
        "ms": 100,
        "serving": {
          "blog/native@web1": {
            "release": null,
            "state": "unknown",
          },
          "blog/native@web2": {
            "release": null,
            "state": "unknown",
          },
        },
        "status": "failed",
        "t": "2026-11-22T14:04:11.000Z",
        "type": "run.end",
      }
    `)
  })

  test('steps that only looked have changed nothing', () => {
    const events: TimedEvent[] = [
      ...opening,
      timed({ type: 'step.start', ...build1 }),
      timed({ type: 'step.end', ...build1, status: 'ok', ms: 60 }),
      timed({ type: 'step.end', ...build2, status: 'skipped', ms: 0 }),
    ]
    expect(crashEnd(events, 'production', now)).toMatchObject({ exit_code: 1, serving: {} })
  })
})

describe('a run whose process is gone', () => {
  test('gets its result from the next command, once', async () => {
    project.keep(id, [...opening, timed({ type: 'step.start', ...build1 }, 40)])
    const end = { t: now, status: 'crashed', exit_code: 7, ms: 40, changed: 0 }
    expect((await listRuns(project.root, later)).map((run) => run.end)).toEqual([end])
    expect(lastLine(id)).toMatchObject({ t: now, type: 'run.end', status: 'failed', exit_code: 7 })
    const events = project.read(id, 'events.jsonl')
    expect((await listRuns(project.root, later + 5000)).map((run) => run.end)).toEqual([end])
    expect(project.read(id, 'events.jsonl')).toBe(events)
  })

  test('a half line that a power cut left is no part of the result', async () => {
    const whole = opening.map((event) => `${JSON.stringify(event)}\n`).join('')
    project.keep(id, `${whole}{"t":"2026-11-22T14:03:11.000Z","type":"step.sta`)
    await listRuns(project.root, later)
    expect(lastLine(id)).toMatchObject({ type: 'run.end', status: 'failed', exit_code: 1 })
    expect((await readEvents(project.folder(id))).map(({ type }) => type)).toEqual(['version', 'run.start', 'run.end'])
  })

  test('its own last word comes first when only run.json is behind', async () => {
    const path = project.keep(id, [...opening, timed(wellEnded, 1500)])
    const before = project.read(id, 'events.jsonl')
    const run = await openRun(project.root, id, later)
    const end = { t: '2026-11-22T14:03:12.500Z', status: 'ok', exit_code: 0, ms: 1500, changed: 3 }
    expect(run?.end).toEqual(end)
    expect(project.read(id, 'events.jsonl')).toBe(before)
    expect(JSON.parse(project.read(id, 'run.json'))).toMatchObject({ end })
    expect(readdirSync(path).sort()).toEqual(['events.jsonl', 'run.json'])
  })
})

describe('a run that goes on', () => {
  test('is left alone', async () => {
    project.keep(id, opening, { process: ownIdentity() })
    const before = project.read(id, 'events.jsonl')
    expect((await listRuns(project.root, later)).map(({ end }) => end)).toEqual([null])
    expect(project.read(id, 'events.jsonl')).toBe(before)
  })

  test.each([
    ['this process', {}, 'runs'],
    ['a number that nobody has', { pid: 2 ** 30 }, 'gone'],
    ['a number that somebody else has by now', { started: '1' }, 'gone'],
    ['before the machine started again', { boot: 'another' }, 'gone'],
    ['another container', { namespace: 'pid:[1]' }, 'elsewhere'],
    ['another machine', { host: 'elsewhere' }, 'elsewhere'],
  ] as const)('%s', (_, change, expected) => {
    expect(livenessOf({ ...ownIdentity(), ...change })).toBe(expected)
  })

  test('elsewhere, it counts as gone after a day without a line', async () => {
    const folder = project.keep(id, opening, { process: { ...ownIdentity(), host: 'elsewhere' } })
    const touched = Date.parse(beginning) / 1000
    utimesSync(join(folder, 'events.jsonl'), touched, touched)
    const day = 24 * 60 * 60 * 1000
    expect((await openRun(project.root, id, touched * 1000 + day))?.end).toBeNull()
    expect((await openRun(project.root, id, touched * 1000 + day + 1))?.end).toMatchObject({ status: 'crashed' })
  })
})

describe('which runs are kept', () => {
  const name = (number: number): string => `20261122T${String(100_000 + number)}Z-0000`

  test('the newest hundred, and one that goes on', async () => {
    for (let number = 0; number < mostRuns + 3; number++) {
      project.keep(name(number), [...opening, timed(wellEnded)], number === 1 ? { process: ownIdentity() } : {})
    }
    const foreign = join(project.folder('..'), 'runs/notes')
    mkdirSync(foreign)
    await tidyJournal(project.root, later)
    const left = runNames(project.root)
    expect(left).toHaveLength(mostRuns + 1)
    expect([left[0], left.at(-2), left.at(-1)]).toEqual([name(mostRuns + 2), name(3), name(1)])
    expect(existsSync(foreign)).toBe(true)
  })

  test('newest first, also of two that began in the same second', async () => {
    const [older, newer] = ['20261122T140311Z-ffff', '20261122T140311Z-0000']
    project.keep(older, [timed(wellEnded)], { started_at: '2026-11-22T14:03:11.100Z' })
    project.keep(newer, [timed(wellEnded)], { started_at: '2026-11-22T14:03:11.200Z' })
    expect((await listRuns(project.root, later)).map(({ record }) => record.id)).toEqual([newer, older])
  })

  test('without a journal there are none, and a folder without a record is none', async () => {
    expect(await listRuns(project.root, later)).toEqual([])
    mkdirSync(project.folder(id), { recursive: true })
    writeFileSync(join(project.folder(id), 'run.json'), '{ "schema": "srv.run/9" }')
    expect(await listRuns(project.root, later)).toEqual([])
  })
})
