import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunEvent, TimedEvent } from '../../../../src/run/event.ts'
import { ownIdentity } from '../../../../src/run/journal/process-identity.ts'
import type { RunFacts, RunRecord } from '../../../../src/run/journal/record.ts'

/** When every run of these tests began. */
export const beginning = '2026-11-22T14:03:11.000Z'

/** Milliseconds since 1970, one minute later. */
export const later = Date.parse(beginning) + 60_000

/** A folder with the journal of a project. */
export interface JournalProject {
  readonly root: string
  readonly folder: (id: string) => string
  readonly read: (id: string, name: string) => string
  /** Writes a run as a process would have left it. */
  readonly keep: (id: string, events: readonly TimedEvent[] | string, more?: Partial<RunRecord>) => string
  readonly remove: () => void
}

export const facts = (id: string): RunFacts => ({
  id,
  started_at: beginning,
  srv: '0.1.0',
  pipeline: 'deploy',
  environment: 'production',
  hosts: ['web1', 'web2'],
  argv: ['deploy', 'production'],
  actor: 'ann@laptop',
  config: '/home/ann/blog/srv.config.ts',
  commits: {},
})

/** A process that is gone: a number that no system gives. */
export const gone = { ...ownIdentity(), pid: 2 ** 30 }

export function timed(event: RunEvent, ms = 0): TimedEvent {
  return { ...event, t: new Date(Date.parse(beginning) + ms).toISOString() }
}

export function at(
  task: string,
  target: string,
  step = task,
): { step: string; task: string; target: string; host: string } {
  return { step, task, target, host: target.slice(target.lastIndexOf('@') + 1) }
}

const targets = ['blog/native@web1', 'blog/native@web2']

/** The first events of a run on two hosts. */
export const opening: readonly TimedEvent[] = [
  timed({ type: 'version', schema: 'srv.events/1', srv: '0.1.0', run: 'r' }),
  timed({
    type: 'run.start',
    pipeline: 'deploy',
    environment: 'production',
    dry_run: false,
    selection: { services: [], hosts: [], tags: [] },
    hosts: ['web1', 'web2'],
    steps: [
      { id: 'resolve', task: 'resolve', title: 'Find the commit', group: 'resolve', targets: ['local'] },
      { id: 'build', task: 'build', title: 'Build', group: 'prepare', targets },
      { id: 'health', task: 'health', title: 'Wait', group: 'activate', targets },
    ],
  }),
]

export const noCounts = { changed: 0, ok: 0, skipped: 0, failed: 0, timeout: 0, lost: 0, cancelled: 0 }

export const wellEnded: RunEvent = {
  type: 'run.end',
  status: 'ok',
  exit_code: 0,
  ms: 1500,
  serving: {},
  counts: { ...noCounts, changed: 3 },
  errors: [],
}

export function journalProject(): JournalProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'srv-journal-')))
  const folder = (id: string): string => join(root, '.srv/runs', id)
  return {
    root,
    folder,
    read: (id, name) => readFileSync(join(folder(id), name), 'utf8'),
    keep(id, events, more) {
      const path = folder(id)
      mkdirSync(path, { recursive: true })
      const text = typeof events === 'string' ? events : events.map((event) => `${JSON.stringify(event)}\n`).join('')
      writeFileSync(join(path, 'events.jsonl'), text)
      const record: RunRecord = { schema: 'srv.run/1', ...facts(id), process: gone, end: null, ...more }
      writeFileSync(join(path, 'run.json'), JSON.stringify(record))
      return path
    },
    remove() {
      rmSync(root, { recursive: true, force: true })
    },
  }
}
