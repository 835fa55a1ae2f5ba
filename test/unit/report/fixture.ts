import { Writable } from 'node:stream'
import type { ErrorReport, RunEvent, StepInfo, TimedEvent } from '../../../src/run/event.ts'

/** The time at which every run of these tests begins. */
export const beginning = Date.parse('2026-11-22T14:03:11.000Z')

/** A stream that keeps what is written to it, and may say that it is a terminal. */
export class Collected extends Writable {
  readonly isTTY: boolean
  readonly columns: number
  readonly rows: number
  text = ''

  constructor(terminal?: { readonly columns: number; readonly rows: number }) {
    super({ decodeStrings: false })
    this.isTTY = terminal !== undefined
    this.columns = terminal?.columns ?? 80
    this.rows = terminal?.rows ?? 24
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    this.text += String(chunk)
    done()
  }
}

/** An event with the time `ms` after the beginning. */
export function timed(event: RunEvent, ms = 0): TimedEvent {
  return { ...event, t: new Date(beginning + ms).toISOString() }
}

export function at(
  step: string,
  task: string,
  target: string,
): { step: string; task: string; target: string; host: string } {
  return { step, task, target, host: target.slice(target.lastIndexOf('@') + 1) }
}

export function step(id: string, task: string, title: string, group: string, targets: readonly string[]): StepInfo {
  return { id, task, title, group, targets }
}

export const noCounts = { changed: 0, ok: 0, skipped: 0, failed: 0, timeout: 0, lost: 0, cancelled: 0 }

const targets = ['blog/native@web1', 'blog/native@web2']

export const version: RunEvent = { type: 'version', schema: 'srv.events/1', srv: '0.1.0', run: 'r1' }

export const start: Extract<RunEvent, { type: 'run.start' }> = {
  type: 'run.start',
  pipeline: 'deploy',
  environment: 'production',
  dry_run: false,
  selection: { services: [], hosts: [], tags: [] },
  hosts: ['web1', 'web2'],
  steps: [
    step('1', 'git:resolve', 'Find the commit', 'resolve', ['local']),
    step('2', 'build', 'Build the release', 'prepare', targets),
    step('3', 'env', 'Place the environment', 'prepare', targets),
    step('4', 'health', 'Wait until it is healthy', 'activate', targets),
    step('5', 'git:prune', 'Remove old releases', 'finish', targets),
  ],
}

export const unhealthy: ErrorReport = {
  code: 'SRV-501',
  message: 'It exited with status 1 after the start. It went back to r-old, which serves.',
  hint: 'npx srv logs production blog --host web1',
  where: { host: 'web1', instance: 'blog/native', task: 'health' },
  output: ['Error: connect ECONNREFUSED 10.0.0.5:5432', '    at TCPConnectWrap.afterConnect'],
}

/** A run in which web1 does not become healthy and is put back, and web2 is never activated; each event with its time. */
export const failedRun: readonly (readonly [number, RunEvent])[] = [
  [0, version],
  [0, start],
  [10, { type: 'host.connect', host: 'web1' }],
  [10, { type: 'host.connect', host: 'web2' }],
  [210, { type: 'host.ready', host: 'web1', ms: 200 }],
  [310, { type: 'host.ready', host: 'web2', ms: 300 }],
  [310, { type: 'check.start', host: 'web1', checks: 2 }],
  [310, { type: 'check.start', host: 'web2', checks: 1 }],
  [400, { type: 'check.end', host: 'web1', check: 'git', ok: true, found: 'git 2.49' }],
  [410, { type: 'check.end', host: 'web1', check: 'disk', ok: true, found: '41 GB free' }],
  [420, { type: 'check.end', host: 'web2', check: 'git', ok: true, found: 'git 2.49' }],
  [500, { type: 'step.start', ...at('1', 'git:resolve', 'local') }],
  [700, { type: 'step.end', ...at('1', 'git:resolve', 'local'), status: 'ok', ms: 200, reason: 'main is 8d41e07' }],
  [700, { type: 'step.start', ...at('2', 'build', 'blog/native@web1') }],
  [700, { type: 'step.start', ...at('2', 'build', 'blog/native@web2') }],
  [
    900,
    {
      type: 'step.output',
      ...at('2', 'build', 'blog/native@web1'),
      stream: 'stdout',
      line: '\u001b[32madded\u001b[0m 312 packages',
    },
  ],
  [
    1000,
    { type: 'step.output', ...at('2', 'build', 'blog/native@web2'), stream: 'stderr', line: 'npm warn deprecated' },
  ],
  [2900, { type: 'step.end', ...at('2', 'build', 'blog/native@web1'), status: 'changed', ms: 2200 }],
  [3100, { type: 'step.end', ...at('2', 'build', 'blog/native@web2'), status: 'changed', ms: 2400 }],
  [3100, { type: 'step.end', ...at('3', 'env', 'blog/native@web1'), status: 'skipped', ms: 0, reason: 'no variables' }],
  [3100, { type: 'step.end', ...at('3', 'env', 'blog/native@web2'), status: 'skipped', ms: 0, reason: 'no variables' }],
  [3200, { type: 'warning', host: 'web2', message: 'rsync is old' }],
  [3300, { type: 'step.start', ...at('4', 'health', 'blog/native@web1') }],
  [3400, { type: 'step.progress', ...at('4', 'health', 'blog/native@web1'), text: '1 of 4 good samples' }],
  [3500, { type: 'step.progress', ...at('4', 'health', 'blog/native@web1'), text: '1 of 4 good samples' }],
  [5300, { type: 'step.end', ...at('4', 'health', 'blog/native@web1'), status: 'failed', ms: 2000, error: unhealthy }],
  [5300, { type: 'undo.start', target: 'blog/native@web1', host: 'web1', tasks: ['git:switch', 'restart'] }],
  [6500, { type: 'undo.end', target: 'blog/native@web1', host: 'web1', ok: true, ms: 1200 }],
  [
    6600,
    {
      type: 'run.end',
      status: 'failed',
      exit_code: 5,
      ms: 6600,
      serving: {
        'blog/native@web1': { release: 'r-old', state: 'old', url: 'http://web1:3000/' },
        'blog/native@web2': { release: 'r-old', state: 'unchanged', url: 'http://web2:3000/' },
      },
      counts: { ...noCounts, failed: 1, changed: 2, ok: 1, skipped: 2 },
      errors: [unhealthy],
    },
  ],
]
