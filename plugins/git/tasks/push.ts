import {
  lines,
  raw,
  type ExecResult,
  type InstanceContext,
  type Script,
  type TaskMaker,
  type TaskWithResult,
} from '../../../src/index.ts'
import { layoutOf, releaseRef, wholeRef } from '../layout.ts'
import { effective, type Options, type Settings } from '../options.ts'
import { makeRoom } from '../scripts/in-place/fetch.ts'
import { checkoutPrologue, makeCheckout } from '../scripts/in-place/prologue.ts'
import { gitEnvironment, makeFolders, makeRepository, prologue } from '../scripts/prologue.ts'
import { originOf, sourceOf, type Source } from '../source.ts'
import { detailsOf } from '../state/checkout-facts.ts'
import { isInPlace } from '../strategy.ts'
import { chosen } from './chosen.ts'
import { assertPushed, lacksHistory } from './pushed.ts'
import type { Resolution } from './resolve.ts'

type Context = InstanceContext<Options, Record<never, never>, Settings>

/** What has to run on the host before a push; with `isHidden` the host hides all of its refs. */
interface Receiver {
  readonly folder: string
  readonly before: (isHidden: boolean) => Script
  /** The program on the host, where it is not git's default. */
  readonly program: (isHidden: boolean) => readonly string[]
}

const showReleases = raw('in_repository config --unset-all receive.hideRefs || :')
const hideReleases = raw('in_repository config --replace-all receive.hideRefs refs/srv/releases')

function bareReceiver(context: Context): Receiver {
  const layout = layoutOf(context)
  return {
    folder: layout.repository,
    program: () => [],
    before: (isHidden) =>
      lines(prologue(layout), gitEnvironment, makeFolders, makeRepository, isHidden ? hideReleases : showReleases),
  }
}

/** The repository may have other users: its config stays as it is, and its hooks are meant for their pushes. */
function checkoutReceiver(context: Context, source: Source, branch: string | undefined): Receiver {
  const layout = layoutOf(context)
  const hidden = ['heads', 'tags', 'remotes', 'srv/releases'].map((name) => ` -c receive.hideRefs=refs/${name}`)
  const settings = '-c core.hooksPath=/dev/null -c receive.shallowUpdate=true -c gc.auto=0'
  return {
    folder: `${layout.instance}/.git`,
    program: (isHidden) => [`--receive-pack=git ${settings}${isHidden ? hidden.join('') : ''} receive-pack`],
    before: () => lines(checkoutPrologue(layout), makeRoom, makeCheckout(branch, originOf(source))),
  }
}

/**
 * Sends the commit from this machine over the open connection, so that a host needs no git credentials. The
 * user's own hooks, signing and recursion are off: they are about publishing.
 */
export function pushTask(task: TaskMaker<Options, Settings>, resolve: TaskWithResult<Resolution>) {
  return task({
    title: 'Send the commit',
    on: 'instance',
    applies: ({ instance }, settings: Settings) => settings.source !== 'remote' || instance.repository === undefined,
    skip: (context) => {
      const settings = effective(context.options, context.settings)
      if (sourceOf(context.instance, settings, context.projectRoot).kind === 'remote') return 'the host fetches it'
      const commit = context.next?.release.commit
      const isThere =
        detailsOf(context.state)?.head === commit || context.state.releases.some((release) => release.commit === commit)
      return isThere && commit !== undefined ? 'the host has the commit' : undefined
    },
    describe: (context) => {
      const { instance, repository } = layoutOf(context)
      const folder = isInPlace(context.options, context.settings) ? instance : repository
      return `send ${context.next?.release.commit?.slice(0, 7) ?? 'it'} to ${folder}`
    },
    async run(context) {
      const settings = effective(context.options, context.settings)
      const source = sourceOf(context.instance, settings, context.projectRoot)
      if (source.kind === 'remote') return
      const { commit, release } = chosen(context)
      const { folder, before, program } =
        settings.strategy === 'in-place'
          ? checkoutReceiver(context, source, context.output(resolve)?.branches[context.instance.id])
          : bareReceiver(context)
      const off = ['--no-verify', '--no-signed', '--no-follow-tags', '--recurse-submodules=no']
      const push = (ref: string, isHidden: boolean): Promise<ExecResult> =>
        context.relay({
          argv: ['git', 'push', '--quiet', ...off, ...program(isHidden), `srv:${folder}`, `${commit}:${ref}`],
          cwd: source.kind === 'files' ? source.store : source.folder,
          env: { LC_ALL: 'C' },
          shellVariable: 'GIT_SSH_COMMAND',
          before: before(isHidden),
        })
      const first = await push(releaseRef(release.id), false)
      // A host that hides all of its refs is sent everything; but hidden refs cannot be written to either.
      const result = lacksHistory(first) ? await push(wholeRef(release.id), true) : first
      assertPushed(result, context)
    },
  })
}
