import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunStatus, TimedEvent } from '../event.ts'
import { runFiles } from './paths.ts'
import type { ProcessIdentity } from './process-identity.ts'

/** How a run ended, in short. */
export interface RunRecordEnd {
  /** ISO 8601 UTC */
  readonly t: string
  /** `crashed`: its process died without a result, and another one wrote this. */
  readonly status: RunStatus | 'crashed'
  readonly exit_code: number
  readonly ms: number
  /** How many steps changed something, counted on each target. */
  readonly changed: number
}

/** What a run says of itself. */
export interface RunFacts {
  readonly id: string
  /** ISO 8601 UTC */
  readonly started_at: string
  /** Version of srv. */
  readonly srv: string
  readonly pipeline: string
  readonly environment: string
  /** Names of hosts, in the order of the plan. */
  readonly hosts: readonly string[]
  /** What was typed after `srv`, without secrets. */
  readonly argv: readonly string[]
  /** `user@laptop` */
  readonly actor: string
  /** Absolute path of the config file. */
  readonly config: string
  /** The commit that is deployed, by instance, as far as the run has found it by now. */
  readonly commits: Readonly<Record<string, string>>
}

/** `run.json`: what is known of a run without reading its events. */
export interface RunRecord extends RunFacts {
  readonly schema: 'srv.run/1'
  readonly process: ProcessIdentity
  /** `null` until it is written. */
  readonly end: RunRecordEnd | null
}

/** How a run ended, from its last event. */
export function recordEnd(
  { t, status, exit_code, ms, counts }: Extract<TimedEvent, { type: 'run.end' }>,
  crashed: boolean,
): RunRecordEnd {
  return { t, status: crashed ? 'crashed' : status, exit_code, ms, changed: counts.changed }
}

/** Writes `run.json` whole: a reader sees the old one or the new one. @throws Error of the file system */
export function writeRecord(folder: string, record: RunRecord): void {
  const path = join(folder, runFiles.record)
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 })
  renameSync(draft, path)
}

function isRecord(value: unknown): value is RunRecord {
  if (typeof value !== 'object' || value === null || !('schema' in value) || value.schema !== 'srv.run/1') return false
  return 'id' in value && 'process' in value && 'end' in value && 'hosts' in value && Array.isArray(value.hosts)
}

/** Reads `run.json`; nothing when there is none, or one of another version of srv. */
export function readRecord(folder: string): RunRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, runFiles.record), 'utf8'))
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
