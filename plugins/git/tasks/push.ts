import { lines, srvError, type ExecResult, type InstanceContext, type TaskMaker } from '../../../src/index.ts'
import { layoutOf, releaseRef } from '../layout.ts'
import { effective, type Options, type Settings } from '../options.ts'
import { gitEnvironment, makeFolders, makeRepository, prologue } from '../scripts/prologue.ts'
import { sourceOf } from '../source.ts'
import { chosen } from './chosen.ts'

/** @throws SrvError SRV-503 when the link broke, SRV-504 when the run was stopped, SRV-531 when git said no */
function assertPushed(
  { end, stderr }: ExecResult,
  { host, instance }: Pick<InstanceContext, 'host' | 'instance'>,
): void {
  const where = { host: host.name, instance: instance.id }
  const target = `${instance.id}@${host.name}`
  const output = stderr.split('\n').filter((line) => line !== '')
  switch (end.kind) {
    case 'exit': {
      if (end.code === 0) return
      const problem = output.find((line) => /^(fatal|error|remote):/.test(line)) ?? `exit status ${String(end.code)}`
      throw srvError('SRV-531', { target, problem }, { where, output })
    }
    case 'signal':
      throw srvError('SRV-531', { target, problem: `killed by ${end.signal}` }, { where, output })
    case 'timeout':
      throw srvError('SRV-531', { target, problem: 'it took too long' }, { where, output })
    case 'cancelled':
      throw srvError('SRV-504', { task: 'git:push', target }, { where, output })
    case 'lost':
      throw srvError('SRV-503', { task: 'git:push', target, reason: end.reason }, { where, output })
  }
}

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
      const result = await context.relay({
        argv: ['git', 'push', '--quiet', ...off, `srv:${layout.repository}`, `${commit}:${releaseRef(release.id)}`],
        cwd: source.folder,
        shellVariable: 'GIT_SSH_COMMAND',
        before: lines(prologue(layout), gitEnvironment, makeFolders, makeRepository),
      })
      assertPushed(result, context)
    },
  })
}
