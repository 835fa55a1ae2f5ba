import {
  didYouMean,
  lines,
  raw,
  srvError,
  type InstanceContext,
  type NextRelease,
  type Script,
  type SrvError,
  type TaskMaker,
  type TaskWithResult,
} from '../../../src/index.ts'
import { readHeld, type Held } from '../images/lacking.ts'
import { effective, type Options, type Settings } from '../options.ts'
import { buildsOn, isSentTo } from '../place.ts'
import { buildScript, lookScript } from '../scripts/build.ts'
import { freezeScript } from '../scripts/freeze.ts'
import { heldScript } from '../scripts/images.ts'
import { siteOf, type Site } from '../scripts/prologue.ts'
import { removeScript } from '../scripts/remove.ts'
import { renderScript } from '../scripts/render.ts'
import type { Aimed } from './aim.ts'

/** The context of the plugin's tasks. */
export type Context = InstanceContext<Options, Record<never, never>, Settings>

/** The release that a task before this one chose. @throws SrvError SRV-900 when none did */
export function chosen({ next, instance }: Pick<Context, 'next' | 'instance'>): NextRelease {
  if (next === undefined) throw srvError('SRV-900', { problem: `no release was chosen for ${instance.id}` })
  return next
}

/** Whether the release lies in a checkout that stays where it is, with what was written there. */
function isInPlace(context: Pick<Context, 'next' | 'paths'>): boolean {
  return context.next?.folder === context.paths.instance
}

/** What a release's scripts are made for. */
function siteOfRelease(context: Context): Site {
  return siteOf(context, context.settings, chosen(context).release)
}

/** Why nothing has to be made for a release: the target of a rollback was frozen when it was deployed. */
export function skip({ next, state }: Context): string | undefined {
  if (next === undefined) return 'no release is being prepared'
  return state.releases.some(({ id }) => id === next.release.id) ? 'it is already frozen' : undefined
}

const firstLine = ({ stderr }: { readonly stderr: string }): string | undefined =>
  stderr
    .split('\n')
    .find((line) => line.trim() !== '' && !line.startsWith('time='))
    ?.trim()

/** Reads the compose files of the release, and what they name, into one model. */
export function renderTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Read the compose files',
    on: 'instance',
    kinds: ['docker'],
    skip,
    describe: ({ settings }) => `read ${settings.files.length === 0 ? 'the compose file' : settings.files.join(', ')}`,
    explain: firstLine,
    script: (context) => renderScript(siteOfRelease(context), chosen(context).folder, chosen(context).release.id),
    undo: (context) => removeScript(siteOfRelease(context), chosen(context).release.id),
  })
}

/**
 * Checks, when nothing else is to be deployed, whether image names now stand for newer images: then the release is deployed
 * all the same. Base images are looked for when images are built.
 */
export function lookTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Look for newer images',
    on: 'instance',
    kinds: ['docker'],
    applies: (_placement, { pull }: Settings) => pull === 'always',
    changes: false,
    evenIfUnchanged: true,
    skip: ({ isUnchanged, state }) =>
      isUnchanged && state.release !== undefined ? undefined : 'they are looked for when the images are made ready',
    async run(context) {
      const id = context.state.release?.id
      if (id === undefined) return
      const { stdout } = await context.run`${lines(raw('set -eu'), lookScript(siteOf(context, context.settings), id))}`
      if (/^newer /m.test(stdout)) context.anew()
    },
  })
}

/** What is wrong when the config names services that the compose files do not have. */
function unknownServices(stdout: string, instance: string, host: string): SrvError | undefined {
  const said = (kind: string) =>
    stdout.split('\n').flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : []))
  const known = said('known')
  const unknown = said('unknown').map((words) => words.split(' '))
  if (unknown.length === 0) return undefined
  const names = unknown.map(([option = '', name = '']) => `${name} (${option})`).join(', ')
  const meant = unknown.map(([, name = '']) => `${name}: ${didYouMean(name, known)}`).join(' ')
  return srvError('SRV-626', { instance, host, names, meant }, { where: { host, instance } })
}

/**
 * Builds and pulls the images; nothing that runs is touched. On a host that images will be sent to, it also prints what the
 * engine already has, so that this costs no extra command.
 */
export function buildTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Build and pull the images',
    on: 'instance',
    kinds: ['docker'],
    skip,
    script(context) {
      const { settings } = context
      const parts = { builds: buildsOn(context, settings), pulls: true }
      const built = buildScript(siteOfRelease(context), chosen(context).release.id, parts)
      return isSentTo(context, settings) ? lines(built, heldScript) : built
    },
    read: (stdout): Held => readHeld(stdout),
    explain: ({ stdout }, { instance, host }) => unknownServices(stdout, instance.id, host.name),
  })
}

/** Shell text that freezes the release that is being prepared: its model, the ids of its images and copies of what it mounts. */
export function freezing(context: Context, aim: TaskWithResult<Aimed>): Script {
  const { release, folder } = chosen(context)
  const { startedAt, actor } = context
  const { monitorMs } = effective(context.options, context.settings)
  const site = siteOfRelease(context)
  const strangers = site.role === 'manager' ? context.output(aim)?.[context.instance.id]?.ready : undefined
  return freezeScript(site, {
    release,
    folder,
    isInPlace: isInPlace(context),
    startedAt,
    actor,
    monitorMs,
    ...(strangers === undefined ? {} : { strangers }),
  })
}

/** Text that freezes the release in the same command that moves its images. */
export type Freezes = TaskWithResult<{ readonly isFrozen: boolean }>

/** Freezes the release, where that was not done together with its images. */
export function freezeTask(task: TaskMaker<Options, Settings>, others: readonly Freezes[], aim: TaskWithResult<Aimed>) {
  return task({
    title: 'Freeze the release',
    on: 'instance',
    kinds: ['docker'],
    skip: (context) =>
      skip(context) ??
      (others.some((one) => context.output(one)?.isFrozen === true) ? 'it was frozen with its images' : undefined),
    explain: firstLine,
    script: (context) => freezing(context, aim),
  })
}
