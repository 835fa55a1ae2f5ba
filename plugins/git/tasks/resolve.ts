import { createHash } from 'node:crypto'
import { srvError, type NextRelease, type OnceContext, type Placement, type TaskMaker } from '../../../src/index.ts'
import { foldersOf, layoutOf } from '../layout.ts'
import { effective, settingsSchema, type Effective, type Options, type Settings } from '../options.ts'
import { refuseUnready, type Candidate } from '../refusal.ts'
import { releaseId } from '../release-id.ts'
import { localGit } from '../resolve/local-git.ts'
import { resolveFiles } from '../resolve/files.ts'
import { resolveLocal } from '../resolve/push.ts'
import { resolveRemote } from '../resolve/remote.ts'
import type { Resolved } from '../resolve/resolved.ts'
import { writeCode } from '../scripts/code.ts'
import { originOf, sourceOf, type Source } from '../source.ts'
import { detailsOf } from '../state/checkout-facts.ts'
import { knownIds } from '../state/known-ids.ts'

const flags = {
  ref: { type: 'string', description: 'Deploy this branch, tag or commit', value: 'branch|tag|commit' },
} as const

type Context = OnceContext<Options, typeof flags>

/** What `resolve` leaves to the tasks after it. */
export interface Resolution {
  readonly warnings: readonly string[]
  /** The branch that the commit is the tip of, by instance; none for a tag or commit. */
  readonly branches: Readonly<Record<string, string>>
}

/** A digest over everything that makes the release what it is: equal digests mean that there is nothing to do. */
async function digestOf(
  context: Context,
  { instance }: Placement,
  commit: string,
  settings: Effective,
): Promise<string> {
  const config = await context.digest(instance)
  const { path, shared, strategy } = settings
  const made = { commit, config, path, shared, ...(strategy === 'releases' ? {} : { strategy }) }
  return createHash('sha256').update(JSON.stringify(made)).digest('hex')
}

type Resolve = (placement: Placement, settings: Effective) => Promise<Resolved>

/** The question as text, so that each is asked once however many placements have it. */
function resolver(context: Context): Resolve {
  const git = localGit(context.signal)
  const answers = new Map<string, Promise<Resolved>>()
  return ({ instance }, settings) => {
    const { projectRoot } = context
    const source = sourceOf(instance, settings, projectRoot)
    const ref = context.flags.ref ?? instance.ref
    const { path } = settings
    const key = JSON.stringify([source, ref, source.kind === 'push' ? path : ''])
    const known = answers.get(key)
    if (known !== undefined) return known
    const answer = ((): Promise<Resolved> => {
      switch (source.kind) {
        case 'remote':
          return resolveRemote(git.ask, { url: source.url, projectRoot, ref })
        case 'push':
          return resolveLocal(git, { instance: instance.id, folder: source.folder, cloneOf: source.cloneOf, path, ref })
        case 'files':
          return resolveFiles(git.ask, { instance: instance.id, ...source })
      }
    })()
    answers.set(key, answer)
    // Two runs that begin at the same moment could disturb each other in the store of files: in its regular turn a run is alone.
    answer.catch(() => answers.delete(key))
    return answer
  }
}

/** How to get the code on this machine, when its repository is here. */
function codeOf(source: Source, { path }: Effective, commit: string): Partial<Pick<NextRelease, 'code'>> {
  if (source.kind === 'remote') return {}
  const repository = source.kind === 'files' ? source.store : source.folder
  const tree = source.kind === 'files' || path === undefined ? commit : `${commit}:${path}`
  return { code: (folder) => writeCode(repository, tree, folder) }
}

/**
 * Gives each instance its id, the same on all of its hosts and later than all that any of them has. No two docker instances
 * get the same one, even of the same commit: the images of the service `web` of `shop-admin` and of `admin-web` of `shop`
 * differ in their tag alone.
 */
function idsOf(context: Context): (placement: Placement, commit: string) => string {
  const given = new Map<string, string>()
  const idsAt = (placements: readonly Placement[]): readonly string[] =>
    placements.flatMap((one) => knownIds(context.state(one)))
  const docker = [...idsAt(context.placements.filter(({ instance }) => instance.kind === 'docker'))]
  return ({ instance }, commit) => {
    const known = given.get(instance.id)
    if (known !== undefined) return known
    const before = idsAt(context.placements.filter((one) => one.instance.id === instance.id))
    const isDocker = instance.kind === 'docker'
    const id = releaseId(context.startedAt, commit, before, isDocker ? docker : [])
    given.set(instance.id, id)
    if (isDocker) docker.push(id)
    return id
  }
}

async function choose(
  context: Context,
  placement: Placement,
  settings: Effective,
  resolved: Resolved,
  id: string,
): Promise<void> {
  const { commit, ref, subject } = resolved
  context.choose(placement, {
    release: { id, commit, ref, by: context.actor, ...(subject === undefined ? {} : { subject }) },
    ...foldersOf(layoutOf(placement), settings, id),
    digest: await digestOf(context, placement, commit, settings),
    ...codeOf(sourceOf(placement.instance, settings, context.projectRoot), settings, commit),
  })
}

function settingsOf(context: Context, { instance }: Placement): Effective {
  return effective(context.options, settingsSchema.parse(context.settings(instance)))
}

interface Wanted {
  readonly placement: Placement
  readonly settings: Effective
}

function wanted(context: Context): readonly Wanted[] {
  return context.placements.map((placement) => ({ placement, settings: settingsOf(context, placement) }))
}

/** @throws SrvError SRV-166 for a setting that has no meaning in a checkout */
function assertWhole({ instance }: Placement, { path, shared, source }: Effective): void {
  const isSent = source === 'files' || source === 'none'
  const setting = isSent ? 'source' : path === undefined ? 'shared' : 'path'
  if (!isSent && path === undefined && shared.length === 0) return
  throw srvError('SRV-166', { instance: instance.id, setting }, { where: { instance: instance.id } })
}

function candidate(context: Context, placement: Placement, settings: Effective): readonly Candidate[] {
  const details = detailsOf(context.state(placement))
  if (details === undefined) return []
  const repository = originOf(sourceOf(placement.instance, settings, context.projectRoot))
  return [{ placement, details, repository, writesVariables: Object.keys(placement.instance.env).length > 0 }]
}

/** Turns `--ref`, or what the config says, into one commit for all hosts, before any of them is touched. */
export function resolveTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Resolve the commit',
    on: 'once',
    changes: false,
    flags,
    async ahead(context): Promise<Resolve> {
      const resolve = resolver(context)
      // Remotes are left out: ssh may ask for a passphrase on the terminal while srv is asking for another one.
      const isHere = ({ placement: { instance }, settings }: Wanted): boolean =>
        sourceOf(instance, settings, context.projectRoot).kind !== 'remote'
      // What cannot be resolved is reported in its regular turn: the same question gets the same answer.
      const here = wanted(context).filter(isHere)
      await Promise.allSettled(here.map((one) => resolve(one.placement, one.settings)))
      return resolve
    },
    async run(context, begun?: Resolve): Promise<Resolution> {
      const resolve = begun ?? resolver(context)
      const warnings = new Set<string>()
      const told = new Set<string>()
      const branches = new Map<string, string>()
      const all = wanted(context)
      const inPlace = all.filter(({ settings }) => settings.strategy === 'in-place')
      for (const { placement, settings } of inPlace) assertWhole(placement, settings)
      refuseUnready(inPlace.flatMap(({ placement, settings }) => candidate(context, placement, settings)))
      const found = await Promise.all(
        all.map(async (one) => ({ ...one, resolved: await resolve(one.placement, one.settings) })),
      )
      const idOf = idsOf(context)
      for (const { placement, settings, resolved } of found) {
        if (resolved.branch !== undefined) branches.set(placement.instance.id, resolved.branch)
        if (resolved.warning !== undefined) warnings.add(resolved.warning)
        told.add(`${resolved.ref} is ${resolved.commit.slice(0, 7)}`)
        await choose(context, placement, settings, resolved, idOf(placement, resolved.commit))
      }
      context.progress([...told, ...warnings].join('; '))
      return { warnings: [...warnings], branches: Object.fromEntries(branches) }
    },
  })
}
