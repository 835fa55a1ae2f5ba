import { existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { kill, pid } from 'node:process'
import type { OnceContext } from '../../../src/index.ts'

const dayMs = 24 * 60 * 60 * 1000

/** The run that packs images. */
export interface Run {
  readonly projectRoot: string
  readonly runId: string
}

/** Where runs keep images on the operator's machine. */
function shelfOf({ projectRoot }: Pick<Run, 'projectRoot'>): string {
  return join(projectRoot, '.srv', 'images')
}

/** A folder of this run's own on the operator's machine, with the process that it belongs to in its name. */
export function folderOf(run: Run): string {
  return join(shelfOf(run), `${run.runId}.${String(pid)}`)
}

/** A folder for the service with one for the instance in it: `a-b/c` and `a/b-c` are two places. */
export function workplace(run: Run, instance: string): string {
  return join(folderOf(run), instance)
}

function isAlive(process: number): boolean {
  try {
    kill(process, 0)
    return true
  } catch (thrown) {
    // It lives when only the right to signal it is missing.
    return !(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH')
  }
}

/** Removes what killed runs left there. What is a day old goes in any case: a number may be another process's by now. */
export async function removeOld({ projectRoot, startedAt, dryRun }: OnceContext): Promise<void> {
  const shelf = shelfOf({ projectRoot })
  if (dryRun || !existsSync(shelf)) return
  for (const name of await readdir(shelf)) {
    const folder = join(shelf, name)
    const owner = Number(/\.(\d+)$/.exec(name)?.[1])
    const { mtimeMs } = await stat(folder)
    const isOld = Date.parse(startedAt) - mtimeMs > dayMs
    if (isOld || (owner > 0 && !isAlive(owner))) await rm(folder, { recursive: true, force: true })
  }
}
