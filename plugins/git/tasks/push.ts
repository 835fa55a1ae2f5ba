import { lines, raw, type ExecResult, type Script, type TaskMaker } from '../../../src/index.ts'
import { layoutOf, releaseRef, wholeRef } from '../layout.ts'
import { effective, type Options, type Settings } from '../options.ts'
import { gitEnvironment, makeFolders, makeRepository, prologue } from '../scripts/prologue.ts'
import { sourceOf } from '../source.ts'
import { chosen } from './chosen.ts'
import { assertPushed, lacksHistory } from './pushed.ts'

const showReleases = raw('in_repository config --unset-all receive.hideRefs || :')
const hideReleases = raw('in_repository config --replace-all receive.hideRefs refs/srv/releases')

/**
 * Sends the commit from this machine over the connection that is open, so that a host needs no git credentials. The
 * user's own hooks, signing and recursion are off: they are about publishing.
 */
export function pushTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Send the commit',
    on: 'instance',
    kinds: ['native'],
    applies: ({ instance }, settings: Settings) => settings.source !== 'remote' || instance.repository === undefined,
    skip: (context) => {
      const settings = effective(context.options, context.settings)
      if (sourceOf(context.instance, settings, context.projectRoot).kind === 'remote') return 'the host fetches it'
      const commit = context.next?.release.commit
      return context.state.releases.some((release) => release.commit === commit) ? 'the host has the commit' : undefined
    },
    describe: (context) =>
      `send ${context.next?.release.commit?.slice(0, 7) ?? 'it'} to ${layoutOf(context).repository}`,
    async run(context) {
      const source = sourceOf(context.instance, effective(context.options, context.settings), context.projectRoot)
      if (source.kind === 'remote') return
      const { commit, release } = chosen(context)
      const layout = layoutOf(context)
      const off = ['--no-verify', '--no-signed', '--no-follow-tags', '--recurse-submodules=no']
      const push = (ref: string, refs: Script): Promise<ExecResult> =>
        context.relay({
          argv: ['git', 'push', '--quiet', ...off, `srv:${layout.repository}`, `${commit}:${ref}`],
          cwd: source.folder,
          env: { LC_ALL: 'C' },
          shellVariable: 'GIT_SSH_COMMAND',
          before: lines(prologue(layout), gitEnvironment, makeFolders, makeRepository, refs),
        })
      const first = await push(releaseRef(release.id), showReleases)
      // A host that shows no ref of its own is sent everything; what is hidden cannot be written to either.
      const result = lacksHistory(first) ? await push(wholeRef(release.id), hideReleases) : first
      assertPushed(result, context)
    },
  })
}
