import { existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { kill, pid } from 'node:process'
import { sh, type OnceContext } from '../../../src/index.ts'

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

/** A folder for this run on the operator's machine; its name contains the process that it belongs to. */
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
    // The process is alive if only the right to signal it is missing.
    return !(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH')
  }
}

/** When a folder was changed last; nothing when it is gone: another run of the same project may be removing it. */
async function changedAt(folder: string): Promise<number | undefined> {
  try {
    return (await stat(folder)).mtimeMs
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined
    throw thrown
  }
}

/** Removes the tags of images that a dead run has built here; each is noted in a file next to its code. */
async function forgetTags({ run }: Pick<OnceContext, 'run'>, folder: string): Promise<void> {
  const tags = sh`find ${folder} -mindepth 3 -maxdepth 3 -name tags -exec cat {} + 2>/dev/null`
  await run`${tags} | while IFS= read -r tag; do docker image rm "$tag" >/dev/null 2>&1 </dev/null || :; done`
}

/** Removes what killed runs left there. What is a day old is removed in any case: process numbers are reused. */
export async function removeOld(context: OnceContext): Promise<void> {
  const { projectRoot, startedAt, dryRun } = context
  const shelf = shelfOf({ projectRoot })
  if (dryRun || !existsSync(shelf)) return
  for (const name of await readdir(shelf)) {
    const folder = join(shelf, name)
    const owner = Number(/\.(\d+)$/.exec(name)?.[1])
    const changed = await changedAt(folder)
    if (changed === undefined) continue
    const isOld = Date.parse(startedAt) - changed > dayMs
    if (!isOld && !(owner > 0 && !isAlive(owner))) continue
    await forgetTags(context, folder)
    await rm(folder, { recursive: true, force: true })
  }
}
