import { createHash } from 'node:crypto'
import type { OnceContext, Placement, TaskMaker } from '../../../src/index.ts'
import { layoutOf } from '../layout.ts'
import { effective, settingsSchema, type Effective, type Options, type Settings } from '../options.ts'
import { releaseId } from '../release-id.ts'
import { askGit } from '../resolve/local-git.ts'
import { resolveLocal } from '../resolve/push.ts'
import { resolveRemote } from '../resolve/remote.ts'
import type { Resolved } from '../resolve/resolved.ts'
import { sourceOf } from '../source.ts'

const flags = {
  ref: { type: 'string', description: 'Deploy this branch, tag or commit', value: 'branch|tag|commit' },
} as const

type Context = OnceContext<Options, typeof flags>

/** A digest over everything that makes the release what it is: equal digests mean that there is nothing to do. */
async function digestOf(
  context: Context,
  { instance }: Placement,
  commit: string,
  settings: Effective,
): Promise<string> {
  const config = await context.digest(instance)
  const { path, shared } = settings
  return createHash('sha256').update(JSON.stringify({ commit, config, path, shared })).digest('hex')
}

/** The question as text, so that each is asked once however many placements have it. */
function resolver(context: Context): (placement: Placement, settings: Effective) => Promise<Resolved> {
  const ask = askGit(context.signal)
  const answers = new Map<string, Promise<Resolved>>()
  return ({ instance }, settings) => {
    const { projectRoot } = context
    const source = sourceOf(instance, settings, projectRoot)
    const ref = context.flags.ref ?? instance.ref
    const { path } = settings
    const key = JSON.stringify([source, ref, source.kind === 'push' ? path : ''])
    const known = answers.get(key)
    if (known !== undefined) return known
    const answer =
      source.kind === 'remote'
        ? resolveRemote(ask, { url: source.url, projectRoot, ref })
        : resolveLocal(ask, { instance: instance.id, folder: source.folder, cloneOf: source.cloneOf, path, ref })
    answers.set(key, answer)
    return answer
  }
}

async function choose(context: Context, placement: Placement, settings: Effective, resolved: Resolved): Promise<void> {
  const { commit, ref, subject } = resolved
  const peers = context.placements.filter(({ instance }) => instance.id === placement.instance.id)
  const taken = peers.flatMap((peer) => context.state(peer).releases.map(({ id }) => id))
  const id = releaseId(context.startedAt, commit, taken)
  const layout = layoutOf(placement)
  context.choose(placement, {
    release: { id, commit, ref, by: context.actor, ...(subject === undefined ? {} : { subject }) },
    folder: `${layout.releases}/${id}`,
    directory: layout.current,
    digest: await digestOf(context, placement, commit, settings),
  })
}

/** Turns `--ref`, or what the config says, into one commit for all hosts, before any of them is touched. */
export function resolveTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Resolve the commit',
    on: 'once',
    changes: false,
    flags,
    async run(context) {
      const resolve = resolver(context)
      const warnings = new Set<string>()
      const told = new Set<string>()
      await Promise.all(
        context.placements
          .filter(({ instance }) => instance.kind === 'native')
          .map(async (placement) => {
            const settings = effective(context.options, settingsSchema.parse(context.settings(placement.instance)))
            const resolved = await resolve(placement, settings)
            if (resolved.warning !== undefined) warnings.add(resolved.warning)
            told.add(`${resolved.ref} is ${resolved.commit.slice(0, 7)}`)
            await choose(context, placement, settings, resolved)
          }),
      )
      context.progress([...told, ...warnings].join('; '))
      return { warnings: [...warnings] }
    },
  })
}
