import { didYouMean, srvError } from '../../../src/index.ts'
import { needsSsh, withoutPassword } from '../source.ts'
import type { AskGit } from './local-git.ts'
import { assertRef, isFullCommit } from './ref.ts'
import { parseRefs, shortName, type RemoteRefs } from './remote-refs.ts'
import type { Resolved } from './resolved.ts'

/** What is asked: which repository, from which folder of this machine, and which name in it. */
export interface RemoteQuestion {
  readonly url: string
  readonly projectRoot: string
  /** Branch, tag or commit; the remote's `HEAD` without one. */
  readonly ref: string | undefined
}

/** Git would stop to ask for a password on the terminal; an SSH command that the user has chosen is kept. */
async function batchMode(ask: AskGit, url: string, folder: string): Promise<readonly string[]> {
  if (!needsSsh(url) || process.env.GIT_SSH_COMMAND !== undefined || process.env.GIT_SSH !== undefined) return []
  const own = await ask(folder, ['config', '--get', 'core.sshCommand'])
  return own.ok ? [] : ['-c', 'core.sshCommand=ssh -o BatchMode=yes']
}

async function list(ask: AskGit, question: RemoteQuestion, patterns: readonly string[]): Promise<RemoteRefs> {
  const { url, projectRoot } = question
  const options = await batchMode(ask, url, projectRoot)
  const answer = await ask(projectRoot, [...options, 'ls-remote', '--symref', '--', url, ...patterns])
  if (answer.ok) return parseRefs(answer.said)
  const lines = answer.problem.split('\n').filter((line) => line !== '')
  const problem = (lines.find((line) => /^(fatal|error|ssh):|denied|not found/i.test(line)) ?? lines[0] ?? '').trim()
  const sentence = `${problem.replace(/^fatal: /, '').replace(/[.:]$/, '')}.`
  throw srvError('SRV-330', { repository: withoutPassword(url), problem: sentence }, { output: lines })
}

async function subjectOf(ask: AskGit, folder: string, commit: string): Promise<{ readonly subject?: string }> {
  const answer = await ask(folder, ['rev-list', '--max-count=1', '--format=%s', commit, '--'])
  const subject = answer.ok ? answer.said.split('\n')[1] : undefined
  return subject === undefined ? {} : { subject }
}

/** A short id of a commit can only be looked up among the tips of the remote, and in the repository around the config. */
async function shortCommit(ask: AskGit, ref: string, refs: RemoteRefs, folder: string): Promise<string | undefined> {
  if (!/^[0-9a-f]{7,63}$/.test(ref)) return undefined
  const tips = new Set([...refs.commits.values()].filter((commit) => commit.startsWith(ref)))
  if (tips.size === 1) return [...tips][0]
  const answer = await ask(folder, ['rev-parse', '--quiet', '--verify', `${ref}^{commit}`])
  return answer.ok ? answer.said : undefined
}

function candidates(ref: string): readonly string[] {
  return ref === 'HEAD' || ref.startsWith('refs/') ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`]
}

/**
 * Resolves a name in a remote repository to one commit, asking the remote once.
 *
 * @throws SrvError SRV-161 for a name that cannot be one, SRV-162 when the remote does not have it, SRV-163 when a branch
 * and a tag of that name differ, SRV-330 when the remote cannot be read
 */
export async function resolveRemote(ask: AskGit, question: RemoteQuestion): Promise<Resolved> {
  const { url, projectRoot, ref = 'HEAD' } = question
  assertRef(ref)
  const repository = withoutPassword(url)
  const found = async (commit: string, name: string, branch?: string): Promise<Resolved> => ({
    commit,
    ref: name,
    ...(branch === undefined ? {} : { branch }),
    ...(await subjectOf(ask, projectRoot, commit)),
  })
  if (isFullCommit(ref)) return found(ref, ref)
  const names = candidates(ref)
  // A pattern also matches the end of a longer name, so the exact one is looked up in what comes back.
  const refs = await list(
    ask,
    question,
    names.flatMap((name) => [name, `${name}^{}`]),
  )
  const hits = names.filter((name) => refs.commits.has(name))
  const commits = new Set(hits.map((name) => refs.commits.get(name)))
  if (commits.size > 1) throw srvError('SRV-163', { ref, repository, names: hits })
  const [commit] = commits
  if (commit !== undefined) {
    const [hit = ref] = hits
    const name = hit === 'HEAD' ? (refs.head ?? hit) : hit
    return found(commit, shortName(name), name.startsWith('refs/heads/') ? shortName(name) : undefined)
  }
  const all = await list(ask, question, [])
  const short = await shortCommit(ask, ref, all, projectRoot)
  if (short !== undefined) return found(short, ref)
  const known = [...all.commits.keys()].filter((name) => /^refs\/(heads|tags)\//.test(name)).map(shortName)
  throw srvError('SRV-162', { ref, repository, suggestion: didYouMean(ref, known) })
}
