import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventLine, type TimedEvent } from '../../../../src/run/event.ts'
import { openJournal } from '../../../../src/run/journal/open.ts'
import { ownIdentity } from '../../../../src/run/journal/process-identity.ts'
import { at, facts, journalProject, opening, timed, wellEnded, type JournalProject } from './project.ts'

const id = '20261122T140311Z-1f3a'
const build = at('build', 'blog/native@web1')

let project: JournalProject
beforeEach(() => {
  project = journalProject()
})
afterEach(() => {
  project.remove()
})

const output = (line: string, ms = 0): TimedEvent =>
  timed({ type: 'step.output', ...build, stream: 'stdout', line }, ms)
const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8)

test('every event is in the file when the next one happens, as --json would print it', async () => {
  const journal = openJournal(project.root, () => facts(id))
  const events = [
    ...opening,
    timed({ type: 'step.start', ...build }),
    timed({ type: 'step.end', ...build, status: 'changed', ms: 7 }),
  ]
  let written = ''
  for (const event of events) {
    journal.sink(event)
    written += `${eventLine(event)}\n`
    expect(project.read(id, 'events.jsonl')).toBe(written)
  }
  await journal.finish()
  expect(journal.problem).toBeUndefined()
})

test('lines of output are written together, before anything else can happen', async () => {
  const journal = openJournal(project.root, () => facts(id))
  journal.sink(output('one'))
  journal.sink(output('two'))
  expect(project.read(id, 'events.jsonl')).toBe('')
  await Promise.resolve()
  expect(project.read(id, 'events.jsonl').split('\n')).toHaveLength(3)
  expect(project.read(id, 'web1.log').split('\n')).toHaveLength(3)
  await journal.finish()
})

test('a flood of output is not kept in memory', async () => {
  const journal = openJournal(project.root, () => facts(id))
  for (let line = 0; line < 100; line++) journal.sink(output('x'.repeat(1000)))
  expect(project.read(id, 'web1.log').length).toBeGreaterThan(20_000)
  await journal.finish()
  expect(project.read(id, 'web1.log').trimEnd().split('\n')).toHaveLength(100)
})

test('each host has a log of its own, and what is done here is in local.log', async () => {
  const journal = openJournal(project.root, () => facts(id))
  for (const event of opening) journal.sink(event)
  journal.sink(timed({ type: 'host.ready', host: 'web2', ms: 12 }, 5))
  journal.sink(output('compiles', 20))
  journal.sink(timed({ type: 'warning', message: 'no agent' }, 30))
  journal.sink(timed(wellEnded, 1500))
  await journal.finish()
  expect(readdirSync(project.folder(id))).toEqual(['events.jsonl', 'local.log', 'run.json', 'web1.log', 'web2.log'])
  expect(['web1.log', 'web2.log', 'local.log'].map((name) => project.read(id, name)).join('')).toMatchInlineSnapshot(`
    "2026-11-22T14:03:11.020Z stdout blog/native@web1 build: compiles
    2026-11-22T14:03:11.005Z srv    web2: connected after 12 ms
    2026-11-22T14:03:11.000Z srv    run: deploy production on web1, web2
    2026-11-22T14:03:11.030Z srv    warning: no agent
    2026-11-22T14:03:12.500Z srv    run: ok, exit 0, after 1500 ms
    "
  `)
})

test('run.json says who runs what, and at last how it ended', async () => {
  let commits = {}
  const journal = openJournal(project.root, () => ({ ...facts(id), commits }))
  const record = { schema: 'srv.run/1', ...facts(id), process: ownIdentity() }
  const read = (): unknown => JSON.parse(project.read(id, 'run.json'))
  expect(read()).toEqual({ ...record, end: null })
  commits = { 'blog/native': 'abc' }
  journal.sink(timed({ type: 'step.end', ...build, status: 'changed', ms: 7 }))
  expect(read()).toEqual({ ...record, commits, end: null })
  journal.sink(timed(wellEnded, 1500))
  await journal.finish()
  const end = { t: '2026-11-22T14:03:12.500Z', status: 'ok', exit_code: 0, ms: 1500, changed: 3 }
  expect(read()).toEqual({ ...record, commits, end })
})

test('nothing is taken after the result', async () => {
  const journal = openJournal(project.root, () => facts(id))
  journal.sink(timed(wellEnded))
  journal.sink(timed({ type: 'warning', message: 'late' }))
  await journal.finish()
  expect(project.read(id, 'events.jsonl')).toBe(`${eventLine(timed(wellEnded))}\n`)
})

test('only this user can read any of it, and no repository takes it in', async () => {
  const journal = openJournal(project.root, () => facts(id))
  journal.sink(output('compiles'))
  journal.sink(timed(wellEnded))
  await journal.finish()
  const folders = ['.srv', '.srv/runs', `.srv/runs/${id}`].map((name) => mode(join(project.root, name)))
  expect(folders).toEqual(['700', '700', '700'])
  const files = readdirSync(project.folder(id)).map((name) => `${name} ${mode(join(project.folder(id), name))}`)
  expect(files).toEqual(['events.jsonl 600', 'local.log 600', 'run.json 600', 'web1.log 600'])
  expect(project.read('..', '.gitignore')).toBe('*\n')
})

test('what keeps it from being written is told and never thrown; how the run ended is known all the same', async () => {
  const journal = openJournal(project.root, () => facts(id))
  journal.sink(output('one'))
  await Promise.resolve()
  const log = join(project.folder(id), 'web1.log')
  rmSync(log)
  mkdirSync(log)
  journal.sink(timed({ type: 'step.end', ...build, status: 'changed', ms: 7 }))
  expect(journal.problem).toBe(`EISDIR: illegal operation on a directory, open '${log}'`)
  journal.sink(timed(wellEnded, 1500))
  await journal.finish()
  expect(JSON.parse(project.read(id, 'run.json'))).toMatchObject({ end: { status: 'ok', exit_code: 0 } })
})

test('a folder where no journal can be is an error of the caller', () => {
  writeFileSync(join(project.root, '.srv'), '')
  expect(() => openJournal(project.root, () => facts(id))).toThrow(/^EEXIST|^ENOTDIR/)
  chmodSync(join(project.root, '.srv'), 0o600)
})
