import { existsSync } from 'node:fs'
import { didYouMean, srvError } from '../../../src/index.ts'
import { withoutPassword } from '../source.ts'
import type { LocalGit } from './local-git.ts'
import { assertRef } from './ref.ts'
import { shortName } from './remote-refs.ts'
import type { Resolved } from './resolved.ts'

/** What is asked: which repository of this machine, and which name in it. */
export interface LocalQuestion {
  /** `service/instance`, for messages. */
  readonly instance: string
  /** A folder in the repository. */
  readonly folder: string
  readonly cloneOf?: string | undefined
  /** The subfolder that is deployed: only its changes are worth a warning. */
  readonly path: string | undefined
  /** Branch, tag or commit; what is checked out without one. */
  readonly ref: string | undefined
}

function sameUrl(url: string): string {
  return url.replace(/\/+$/, '').replace(/\.git$/, '')
}

async function assertClone({ ask }: LocalGit, { instance, folder, cloneOf }: LocalQuestion): Promise<void> {
  if (cloneOf === undefined) return
  const answer = await ask(folder, ['config', '--get-regexp', String.raw`^remote\..*\.url$`])
  const urls = answer.ok ? answer.said.split('\n').map((line) => line.slice(line.indexOf(' ') + 1)) : []
  if (urls.some((url) => sameUrl(url) === sameUrl(cloneOf))) return
  throw srvError('SRV-165', { instance, folder, repository: withoutPassword(cloneOf) })
}

interface WorkTree {
  /** Nothing when no branch is checked out. */
  readonly branch?: string
  readonly changes: number
}

async function workTree({ ask, status }: LocalGit, { instance, folder, path }: LocalQuestion): Promise<WorkTree> {
  if (!existsSync(folder)) throw srvError('SRV-164', { instance, folder, problem: 'there is no such folder' })
  const answer = await status(folder, path === undefined ? [] : [`:(top,literal)${path}`])
  if (!answer.ok) {
    const bare = await ask(folder, ['rev-parse', '--is-bare-repository'])
    if (bare.ok && bare.said === 'true') return { changes: 0 }
    const problem = answer.problem.includes('not a git repository') ? 'that is not a git repository' : answer.problem
    throw srvError('SRV-164', { instance, folder, problem })
  }
  const { files, current, detached } = answer.said
  return { changes: files.length, ...(current === null || detached ? {} : { branch: current }) }
}

/** Whether a commit is the one that is checked out. */
async function isHead({ ask }: LocalGit, folder: string, commit: string): Promise<boolean> {
  const head = await ask(folder, ['rev-parse', 'HEAD'])
  return head.ok && head.said === commit
}

async function notFound({ ask }: LocalGit, { instance, folder }: LocalQuestion, ref: string): Promise<never> {
  const answer = await ask(folder, ['for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/tags', 'refs/remotes'])
  const known = answer.ok
    ? answer.said
        .split('\n')
        .filter((name) => name !== '')
        .map(shortName)
    : []
  if (known.length === 0) throw srvError('SRV-164', { instance, folder, problem: 'there is no commit in it yet' })
  throw srvError('SRV-162', { ref, repository: folder, suggestion: didYouMean(ref, known) })
}

async function branchOf({ ask }: LocalGit, folder: string, ref: string): Promise<string | undefined> {
  const name = ref.replace(/^refs\/heads\//, '')
  const answer = await ask(folder, ['show-ref', '--verify', '--quiet', `refs/heads/${name}`])
  return answer.ok ? name : undefined
}

/**
 * Resolves a name in a repository of this machine to one commit; it needs no remote.
 *
 * @throws SrvError SRV-161 for a name that cannot be one, SRV-162 when the repository does not have it, SRV-164 when there
 * is no repository or no commit, SRV-165 when it is not a clone of the URL that the service names
 */
export async function resolveLocal(git: LocalGit, question: LocalQuestion): Promise<Resolved> {
  const { folder, ref = 'HEAD' } = question
  assertRef(ref)
  const tree = await workTree(git, question)
  await assertClone(git, question)
  const answer = await git.ask(folder, ['rev-list', '--max-count=1', '--format=%s', '--end-of-options', ref, '--'])
  const [, commit, subject = ''] = answer.ok ? (/^commit (\S+)\n?(.*)/.exec(answer.said) ?? []) : []
  if (commit === undefined) return notFound(git, question, ref)
  const dirty = tree.changes > 0 && (await isHead(git, folder, commit))
  const files = tree.changes === 1 ? '1 changed file is' : `${String(tree.changes)} changed files are`
  const branch = question.ref === undefined ? tree.branch : await branchOf(git, folder, ref)
  return {
    commit,
    ...(branch === undefined ? {} : { branch }),
    ref: shortName(ref === 'HEAD' ? (tree.branch ?? commit.slice(0, 7)) : ref),
    ...(subject === '' ? {} : { subject }),
    ...(dirty ? { warning: `${files} not committed in ${folder}: only commits are deployed` } : {}),
  }
}
