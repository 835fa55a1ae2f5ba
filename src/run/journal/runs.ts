import { closeSync, fstatSync, fsyncSync, openSync, readdirSync, readSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { eventLine, type TimedEvent } from '../event.ts'
import { crashEnd, isCrash } from './crash.ts'
import { isRunId, runFiles, runsFolder } from './paths.ts'
import { livenessOf } from './process-identity.ts'
import { readEvents } from './read-events.ts'
import { readRecord, recordEnd, writeRecord, type RunRecord, type RunRecordEnd } from './record.ts'

/** A run of the journal: without an end as long as it goes on. */
export interface KeptRun {
  readonly folder: string
  readonly record: RunRecord
  readonly end: RunRecordEnd | null
}

/** The process of a run in another container cannot be seen from here: after this long without a line it counts as gone. */
const longestSilenceMs = 24 * 60 * 60 * 1000

function isSilent(folder: string, now: number): boolean {
  try {
    return now - statSync(join(folder, runFiles.events)).mtimeMs > longestSilenceMs
  } catch {
    return true
  }
}

/** Whether a run is still going, as far as this machine can tell. */
export function isRunning(folder: string, record: RunRecord, now: number): boolean {
  if (record.end !== null) return false
  const liveness = livenessOf(record.process)
  return liveness === 'runs' || (liveness === 'elsewhere' && !isSilent(folder, now))
}

/** Appends a line to the events, even after the half line that a crash may have left. */
function append(folder: string, event: TimedEvent): void {
  const file = openSync(join(folder, runFiles.events), 'a+', 0o600)
  try {
    const { size } = fstatSync(file)
    const last = Buffer.alloc(1)
    if (size > 0) readSync(file, last, 0, 1, size - 1)
    writeSync(file, `${size === 0 || last[0] === 0x0a ? '' : '\n'}${eventLine(event)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function quietly(write: () => void): void {
  try {
    write()
  } catch {
    // A folder that cannot be written can still be read, and the answer is the same.
  }
}

/** The end of a run whose process is gone: its last event, or the one that is written for it now. */
async function concluded(folder: string, record: RunRecord, now: number): Promise<RunRecordEnd> {
  const events = await readEvents(folder).catch((): readonly TimedEvent[] => [])
  let last = events.find((event) => event.type === 'run.end')
  if (last === undefined) {
    const crash = crashEnd(events, record.environment, new Date(now).toISOString())
    quietly(() => {
      append(folder, crash)
    })
    last = crash
  }
  const end = recordEnd(last, isCrash(last))
  quietly(() => {
    writeRecord(folder, { ...record, end })
  })
  return end
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'
}

/** Names of the runs of a project, newest first; none when there is no journal. @throws Error when it cannot be read */
export function runNames(projectRoot: string): readonly string[] {
  try {
    return readdirSync(runsFolder(projectRoot), { withFileTypes: true })
      .filter((one) => one.isDirectory() && isRunId(one.name))
      .map(({ name }) => name)
      .sort()
      .reverse()
  } catch (thrown) {
    if (isMissing(thrown)) return []
    throw thrown
  }
}

/**
 * One run; nothing when its record cannot be read. A run whose process is gone without a result gets one here.
 *
 * @param now milliseconds since 1970
 */
export async function openRun(projectRoot: string, name: string, now: number): Promise<KeptRun | undefined> {
  const folder = join(runsFolder(projectRoot), name)
  const first = readRecord(folder)
  if (first === undefined) return undefined
  if (first.end !== null || isRunning(folder, first, now)) return { folder, record: first, end: first.end }
  // It may have ended between the two looks: what it wrote itself comes first.
  const record = readRecord(folder) ?? first
  return { folder, record, end: record.end ?? (await concluded(folder, record, now)) }
}

/** Every run that is kept, newest first. Runs that crashed get their result here. @throws Error when the folder cannot be read */
export async function listRuns(projectRoot: string, now: number): Promise<readonly KeptRun[]> {
  const runs: KeptRun[] = []
  for (const name of runNames(projectRoot)) {
    const run = await openRun(projectRoot, name, now)
    if (run !== undefined) runs.push(run)
  }
  // Ids know seconds only.
  return runs.sort((left, right) => right.record.started_at.localeCompare(left.record.started_at))
}
