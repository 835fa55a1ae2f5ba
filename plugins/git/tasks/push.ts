import { sh, type TaskMaker } from '../../../src/index.ts'
import { layoutOf, releaseRef } from '../layout.ts'
import { effective, type Options, type Settings } from '../options.ts'
import { gitEnvironment, makeFolders, makeRepository, prologue } from '../scripts/prologue.ts'
import { sourceOf } from '../source.ts'
import { chosen } from './chosen.ts'

/**
 * Sends the commit from this machine over the connection that is open, so that a host needs no git credentials. The
 * user's own hooks, signing and recursion are off: they are about publishing. The `simple` SSH variant keeps git from
 * asking the relay, with one more process, whether it is OpenSSH.
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
      const { commit } = chosen(context).release
      return context.state.releases.some((release) => release.commit === commit) ? 'the host has the commit' : undefined
    },
    describe: (context) => `send ${chosen(context).commit.slice(0, 7)} to ${layoutOf(context).repository}`,
    async run(context) {
      const source = sourceOf(context.instance, effective(context.options, context.settings), context.projectRoot)
      if (source.kind === 'remote') return
      const { commit, release } = chosen(context)
      const layout = layoutOf(context)
      const off = ['--no-verify', '--no-signed', '--no-follow-tags', '--recurse-submodules=no']
      await context.relay({
        argv: ['git', 'push', '--quiet', ...off, `srv:${layout.repository}`, `${commit}:${releaseRef(release.id)}`],
        cwd: source.folder,
        env: { GIT_TERMINAL_PROMPT: '0', GIT_SSH_VARIANT: 'simple' },
        shellVariable: 'GIT_SSH_COMMAND',
        before: sh`${prologue(layout)}
${gitEnvironment}
${makeFolders}
${makeRepository}`,
      })
    },
  })
}
