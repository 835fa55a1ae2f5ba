import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runsFolder } from './paths.ts'
import { prune } from './prune.ts'
import type { RunFacts } from './record.ts'
import { listRuns } from './runs.ts'
import { JournalWriter } from './writer.ts'

/**
 * Begins the journal of a run, in a folder of its own that only this user can read.
 *
 * @throws Error of the file system when that cannot be: the caller warns, and runs without one
 */
export function openJournal(projectRoot: string, describe: () => RunFacts): JournalWriter {
  const runs = runsFolder(projectRoot)
  mkdirSync(runs, { recursive: true, mode: 0o700 })
  try {
    // Nothing below belongs in a repository, and a deploy must not find the tree changed by the previous one.
    writeFileSync(join(dirname(runs), '.gitignore'), '*\n', { flag: 'wx', mode: 0o600 })
  } catch {
    // It exists, with whatever somebody put into it.
  }
  const folder = join(runs, describe().id)
  mkdirSync(folder, { mode: 0o700 })
  return new JournalWriter(folder, describe)
}

/** Gives runs that crashed their result, and removes those past the newest hundred. It never fails: what it cannot do now is left to the next run. */
export async function tidyJournal(projectRoot: string, now: number): Promise<void> {
  try {
    await listRuns(projectRoot, now)
    await prune(projectRoot, now)
  } catch {
    // A record of earlier runs is no reason for this one to fail.
  }
}
