import { lines, raw, sh, type InstanceContext, type Script } from '../../../src/index.ts'
import { isFile, type Dump } from '../dumps/kinds.ts'
import {
  aloneScript,
  closeScript,
  endingScript,
  openScript,
  unlessOpen,
  type Switching,
} from '../scripts/open-restore.ts'
import { dropFunction } from '../scripts/drop.ts'
import { stagingOf } from '../scripts/restore.ts'
import { swapBackScript, swapScript, unstageScript } from '../scripts/swap.ts'
import { armScript, disarmScript, type Timed } from '../scripts/timer.ts'
import { keptIn, loadTexts, markOf, type Loading } from './load.ts'
import { oldAfter } from './old-data.ts'

/** Which part of a snapshot is put in place. */
export interface Part {
  /** Below the data. @default all of them */
  readonly path?: string | undefined
  readonly dumps: readonly Dump[]
  /** Whether what the databases hold now is kept first, so that it can be put back. @default true */
  readonly keepsOld?: boolean
  /** The releases that the data belong to, where these change places with them. @default one release has both */
  readonly releases?: Releases | undefined
}

/** Ids of the release whose data is moved away, and of the one whose data is put in its place. */
export interface Releases {
  readonly from: string
  readonly to: string
}

/** What texts that switch need of a task's context. */
type Context = Loading & Pick<InstanceContext, 'environment' | 'host' | 'service' | 'resume' | 'lease' | 'become'>

function timed({ service, paths }: Context): Timed {
  return { service: service.name, state: paths.state }
}

function switching({ paths, runId }: Context): Switching {
  return { paths, runId }
}

/** Has a release in place for the data that is put there; nothing where the release stays. */
function becomes(context: Context, id: string | undefined): Script {
  return id === undefined ? raw(':') : context.become(id)
}

/**
 * Puts back what was there before, as far as anything was changed. Where nothing was, nothing is stopped for it: what cannot
 * be stopped must not stay down. What was put back is told by a text.
 */
function putBack(context: Context, { path, dumps, keepsOld, releases }: Part, told: Script = raw(':')): Script {
  const { paths, runId } = context
  const { back } = loadTexts(context, dumps, keepsOld)
  return lines(
    dropFunction,
    sh`if [ -e ${`${paths.data}.before-${runId}`} ] || [ -e ${markOf(context)} ]; then`,
    context.hold('stop'),
    // Before databases are loaded, which are those of a release too.
    becomes(context, releases?.from),
    swapBackScript(paths, runId, path),
    back,
    // What was put back need not be kept any more.
    sh`drop ${keptIn(context)}`,
    told,
    sh`else drop ${stagingOf(paths, runId)} ${keptIn(context)}`,
    // Of another release nothing was started yet.
    becomes(context, releases?.from),
    raw('fi'),
  )
}

/**
 * From here on the host itself puts the previous data back if this run dies, whatever happens to srv, the link or the
 * laptop: it begins to watch now, and acts once the lease of the run has ended.
 */
function watch(context: Context, part: Part): Script {
  const { paths, runId, host } = context
  const lease = context.lease({ actor: `timer@${host.name}`, pipeline: 'restore' })
  const ending = endingScript(switching(context), {
    lease,
    putBack: putBack(context, part),
    keep: lines(becomes(context, part.releases?.to), unstageScript(paths, runId)),
    resume: context.resume(),
  })
  return lines(openScript(switching(context)), armScript({ ...timed(context), resume: ending, seconds: 1 }))
}

/**
 * Stops the service and switches to what is staged; the caller starts the service again. What fails in `guard` ends it before
 * anything is stopped, and once more before anything is replaced: what was written until then counts.
 */
export function switchOver(context: Context, part: Part, guard?: Script): Script {
  const { paths, runId } = context
  const { before, load } = loadTexts(context, part.dumps, part.keepsOld)
  const guarded = guard === undefined ? [] : [guard]
  return lines(
    // The new data has to be on the disk before the previous data is moved away.
    sh`sync -f ${stagingOf(paths, runId)} 2>/dev/null || sync`,
    ...guarded,
    watch(context, part),
    aloneScript(
      switching(context),
      context.hold('stop'),
      before,
      ...guarded,
      becomes(context, part.releases?.to),
      swapScript(paths, runId, part.path),
      load,
      unstageScript(paths, runId),
    ),
  )
}

/** Whether what databases held was kept beside the data. */
function hasKept({ dumps, keepsOld = true }: Part): boolean {
  return keepsOld && dumps.some((one) => !isFile(one))
}

/** What is back, for people. */
function backText({ paths, service }: Context, part: Part): string {
  const { path } = part
  const data = path === undefined ? `the previous data of ${service.name}` : `what was at ${path} before this run`
  const databases = hasKept(part) ? ', and so is what its databases held' : ''
  return `${data} is back in ${paths.data}${databases}`
}

/** Stops the service, puts back what was there before, says so, and starts exactly what ran. */
export function switchBack(context: Context, part: Part): Script {
  const told = sh`printf '%s\n' ${backText(context, part)} >&2`
  return lines(
    unlessOpen(switching(context), watch(context, part)),
    aloneScript(switching(context), putBack(context, part, told)),
    settle(context),
  )
}

/** Keeps what is in place: nothing is put back from now on, and what ran runs. */
export function settle(context: Context): Script {
  return lines(closeScript(switching(context), context.resume()), disarmScript(timed(context)))
}

/** What serves now, where is what served before, and how that is removed. */
export function restoredText(context: Context, id: string, part: Part): string {
  const { paths, runId, environment, service } = context
  const { path } = part
  const [now, before] = path === undefined ? ['the data', 'the previous data'] : [path, 'what was there']
  const databases = hasKept(part) ? `, and what the databases held in ${keptIn(context)}` : ''
  const remove = `srv prune ${environment} ${service.name} --old-data removes it once it is ${oldAfter} old`
  return `${now} of the snapshot ${id} is in place; ${before} is kept in ${paths.data}.before-${runId}${databases}; ${remove}`
}
