import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runsFolder } from './paths.ts'
import { readRecord } from './record.ts'
import { isRunning, runNames } from './runs.ts'

/** How many runs are kept. */
export const mostRuns = 100

/**
 * Removes the oldest runs past the newest hundred, never one that goes on. Returns the names of what is gone.
 *
 * @throws Error of the file system
 */
export async function prune(projectRoot: string, now: number): Promise<readonly string[]> {
  const removed: string[] = []
  for (const name of runNames(projectRoot).slice(mostRuns)) {
    const folder = join(runsFolder(projectRoot), name)
    const record = readRecord(folder)
    if (record !== undefined && isRunning(folder, record, now)) continue
    await rm(folder, { recursive: true, force: true })
    removed.push(name)
  }
  return removed
}
