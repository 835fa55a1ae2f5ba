import { expect, test } from 'vitest'
import type { Done } from '../../../src/report/done.ts'
import type { RunEvent, Selection, Serving, TypedOptions } from '../../../src/run/event.ts'
import { plainStyle } from '../../../src/report/style.ts'
import { summaryLines } from '../../../src/report/summary.ts'
import { noCounts, start, timed, unhealthy } from './fixture.ts'

type End = Extract<RunEvent, { type: 'run.end' }>

const whole: Selection = { services: [], hosts: [], tags: [] }

function summary(
  end: Partial<End>,
  options: {
    width?: number
    verbose?: number
    dryRun?: boolean
    logOf?: (host: string | undefined) => string
    pipeline?: string
    selection?: Selection
    typed?: TypedOptions
    done?: readonly Done[]
    tellsDone?: boolean
  } = {},
): string {
  const { pipeline = start.pipeline, dryRun = false, selection = whole, typed = {} } = options
  const full: End = {
    type: 'run.end',
    status: 'ok',
    exit_code: 0,
    ms: 96_000,
    serving: {},
    counts: noCounts,
    errors: [],
    options: typed,
    ...end,
  }
  const begun = { ...start, pipeline, dry_run: dryRun, selection, t: timed(start).t }
  return summaryLines(begun, { ...full, t: timed(full).t }, { style: plainStyle, verbose: 0, ...options }).join('\n')
}

const released: Serving = { release: '20261122T140311Z-8d41e07', state: 'new', url: 'http://web1.example.org:3000/' }

test('a deploy that went well says what serves where, and how to undo it', () => {
  const serving = { 'blog/native@web1': released, 'files/static@web2': { release: null, state: 'down' } as const }
  expect(summary({ serving, can_undo: true, undo: whole, counts: { ...noCounts, changed: 7, ok: 3 } }))
    .toMatchInlineSnapshot(`
    "INSTANCE      HOST  RELEASE                   STATE  URL
    blog/native   web1  20261122T140311Z-8d41e07  new    http://web1.example.org:3000/
    files/static  web2  -                         down

    ✔ Done: deploy production  2 hosts · 7 changed, 3 ok · 1 min 36 s
      Undo: npx srv rollback production"
  `)
})

test('where a snapshot was made before the deploy, its end says how to go back to the data too', () => {
  const serving = { 'blog/native@web1': { ...released, url: '' } }
  const undo = { services: ['blog'], hosts: ['web1'], tags: [] }
  expect(summary({ serving, can_undo: true, undo, undo_with_data: true, options: { config: 'x.config.ts' } }))
    .toMatchInlineSnapshot(`
      "INSTANCE     HOST  RELEASE                   STATE
      blog/native  web1  20261122T140311Z-8d41e07  new

      ✔ Done: deploy production  2 hosts · 1 min 36 s
        Undo: npx srv rollback production blog --host web1 --config x.config.ts
        Undo, with the data from before: npx srv rollback production blog --host web1 --config x.config.ts --with-data"
    `)
})

test('addresses and releases are never cut: in a narrow terminal addresses have their own lines', () => {
  const serving = {
    'blog/native@web1': released,
    'blog/native@web2': { ...released, url: 'http://web2.example.org:3000/' },
  }
  expect(summary({ serving, can_undo: true, undo: whole, counts: { ...noCounts, changed: 7 } }, { width: 60 }))
    .toMatchInlineSnapshot(`
    "INSTANCE     HOST  RELEASE                   STATE
    blog/native  web1  20261122T140311Z-8d41e07  new
      http://web1.example.org:3000/
    blog/native  web2  20261122T140311Z-8d41e07  new
      http://web2.example.org:3000/

    ✔ Done: deploy production  2 hosts · 7 changed · 1 min 36 s
      Undo: npx srv rollback production"
  `)
})

test('past ten rows hosts on which the same serves are one row; what is down keeps its own', () => {
  const hosts = Array.from({ length: 12 }, (_, index) => `blog/native@web${index + 1}`)
  const serving = Object.fromEntries(
    hosts.map((target, index): [string, Serving] => [
      target,
      index === 3 || index === 8
        ? { release: null, state: 'down' }
        : index === 5
          ? { ...released, state: 'old' }
          : released,
    ]),
  )
  expect(summary({ status: 'failed', exit_code: 7, serving, counts: { ...noCounts, failed: 2 } }))
    .toMatchInlineSnapshot(`
    "INSTANCE     HOST     RELEASE                   STATE
    blog/native  9 hosts  20261122T140311Z-8d41e07  new
    blog/native  web4     -                         down
    blog/native  web6     20261122T140311Z-8d41e07  old
    blog/native  web9     -                         down

    ✖ Failed: deploy production  2 hosts · 2 failed · 1 min 36 s
      At least one instance is down, or its state is unknown."
  `)
})

test('when nothing changed there is nothing to undo', () => {
  expect(summary({ status: 'unchanged', counts: { ...noCounts, ok: 3 } })).toBe(
    '✔ Nothing to do: deploy production  2 hosts · 3 ok · 1 min 36 s',
  )
})

test('a dry run names the command that carries it out', () => {
  expect(summary({}, { dryRun: true })).toBe(
    '✔ Nothing was changed on production.  1 min 36 s\n  Next: npx srv deploy production',
  )
  expect(summary({ status: 'unchanged' }, { dryRun: true })).toBe(
    '✔ Nothing needs to change on production.  1 min 36 s',
  )
})

/** The command that a summary suggests. */
function suggested(text: string): string | undefined {
  return /(?:Next|Undo): (.*)/.exec(text)?.[1]
}

test('a dry run names the same services, hosts, tags and flags again, quoted for a shell', () => {
  const selection = { services: ['blog', 'shop/docker'], hosts: ['web1', '!web2'], tags: ['eu'] }
  const typed = { ref: "what's new", at: '-1', force: true, config: 'other config.ts' } as const
  expect(suggested(summary({}, { dryRun: true, selection, typed }))).toBe(
    `npx srv deploy production blog shop/docker --host 'web1,!web2' --tag eu --ref 'what'\\''s new' '--at=-1' --force --config 'other config.ts'`,
  )
})

test('a pipeline that is an action of a command is named so', () => {
  expect(suggested(summary({}, { dryRun: true, pipeline: 'schedule' }))).toBe('npx srv schedule install production')
  expect(suggested(summary({}, { dryRun: true, pipeline: 'unschedule' }))).toBe('npx srv unschedule production')
})

test('what takes a deploy back chooses what that has replaced, with the same config and without its flags', () => {
  const undo = { services: ['blog/native'], hosts: ['web1'], tags: [] }
  const typed = { ref: 'v2', force: true, config: 'other.ts' } as const
  expect(suggested(summary({ can_undo: true, undo }, { selection: whole, typed }))).toBe(
    'npx srv rollback production blog/native --host web1 --config other.ts',
  )
  expect(suggested(summary({ can_undo: true }))).toBeUndefined()
})

test.each([
  ['refused', 9, 'Refused: deploy production', 'No host was changed.'],
  ['unreachable', 4, 'Not reachable: deploy production', 'No host was changed.'],
  ['locked', 8, 'Locked: deploy production', 'No host was changed.'],
  [
    'failed',
    6,
    'Failed: deploy production',
    'Not every host serves the previous release: see above what serves where.',
  ],
  ['failed', 7, 'Failed: deploy production', 'At least one instance is down, or its state is unknown.'],
] as const)('%s with exit code %d', (status, exit_code, outcome, after) => {
  expect(summary({ status, exit_code })).toBe(`✖ ${outcome}  2 hosts · 1 min 36 s\n  ${after}`)
})

test('an interrupted run claims nothing about what serves', () => {
  expect(summary({ status: 'cancelled', exit_code: 130 })).toBe('✖ Stopped: deploy production  2 hosts · 1 min 36 s')
})

const bug = {
  code: 'SRV-900',
  message: 'Unexpected: x is not a function. This is a bug in srv.',
  hint: 'Report it.',
  where: {},
  output: [],
  stack: 'TypeError: x is not a function\n    at run (file.ts:1:1)',
}

test('long lines wrap to the terminal, output is cut from the top, what the message says is not said again', () => {
  const output = Array.from({ length: 25 }, (_, index) => `\u001b[31mline ${index + 1}\u001b[0m`)
  const error = { ...unhealthy, message: 'health failed on blog/native@web1 with exit status 1.', output }
  const lines = summary({ status: 'failed', exit_code: 5, errors: [error, bug] }, { width: 40 }).split('\n')
  expect([...lines.slice(0, 5), '...', ...lines.slice(22)].join('\n')).toMatchInlineSnapshot(`
    "✖ SRV-501 health failed on
      blog/native@web1 with exit status 1.
        (5 lines before)
        line 6
        line 7
    ...
        line 25
      → npx srv logs production blog --host web1

    ✖ SRV-900 Unexpected: x is not a
      function. This is a bug in srv.
      → Report it.

    ✖ Failed: deploy production
      2 hosts · 1 min 36 s
      The previous release serves on every host that was touched."
  `)
})

test('the stack of a bug is printed with -vvv only', () => {
  expect(summary({ status: 'failed', exit_code: 1, errors: [bug] })).not.toContain('file.ts')
  expect(summary({ status: 'failed', exit_code: 1, errors: [bug] }, { verbose: 3 })).toMatchInlineSnapshot(`
    "✖ SRV-900 Unexpected: x is not a function. This is a bug in srv.
      → Report it.
        TypeError: x is not a function
            at run (file.ts:1:1)

    ✖ Failed: deploy production  2 hosts · 1 min 36 s"
  `)
})

test('of many errors five are full, twenty more short, and the rest counted', () => {
  const errors = Array.from({ length: 40 }, (_, index) => ({ ...bug, message: `Problem ${index + 1}.` }))
  const lines = summary({ status: 'failed', exit_code: 5, errors }).split('\n')
  expect(lines.filter((line) => line.includes('Report it'))).toHaveLength(5)
  expect(lines.filter((line) => line.startsWith('✖ SRV-900'))).toHaveLength(25)
  expect(lines).toContain('and 15 more errors; all of them: --json')
})

test('a run that did not go well ends with the path of the log of the host that failed', () => {
  const logOf = (host: string | undefined): string => `.srv/runs/r1/${host ?? 'local'}.log`
  const failed = { status: 'failed', exit_code: 5, errors: [unhealthy], counts: { ...noCounts, failed: 1 } } as const
  const lastOf = (text: string): string | undefined => text.split('\n').at(-1)
  expect(lastOf(summary(failed, { logOf }))).toBe('  Log: .srv/runs/r1/web1.log')
  expect(lastOf(summary({ ...failed, errors: [] }, { logOf }))).toBe('  Log: .srv/runs/r1/local.log')
  expect(summary({}, { logOf })).not.toContain('Log:')
})

test('what steps say that they did stays, and is something also where nothing was changed', () => {
  const done = [{ target: 'blog/native@web1', text: 'all content of 39 files was read: intact' }]
  const end = { status: 'unchanged', counts: { ...noCounts, ok: 1 } } as const
  expect(summary(end, { pipeline: 'verify', done, tellsDone: true })).toBe(
    `✔ Done: verify production  2 hosts · 1 ok · 1 min 36 s
  all content of 39 files was read: intact`,
  )
  expect(summary(end, { pipeline: 'verify', done })).toBe('✔ Done: verify production  2 hosts · 1 ok · 1 min 36 s')
  const two = [...done, { target: 'blog/native@web2', text: 'the same' }]
  expect(summary({}, { done: two, tellsDone: true }).split('\n').slice(-2)).toEqual([
    '  blog/native@web1: all content of 39 files was read: intact',
    '  blog/native@web2: the same',
  ])
})
