import { mkdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pid } from 'node:process'
import { srvError } from '../../../src/index.ts'
import type { AskGit } from './local-git.ts'
import type { Resolved } from './resolved.ts'

/** What is asked: the content of which folder, kept as commits in which repository. */
export interface FilesQuestion {
  /** `service/instance`, for messages. */
  readonly instance: string
  /** Nothing for what has no code: an image only. */
  readonly folder?: string
  /** Path of a bare repository of srv's own; it is made when it is missing. */
  readonly store: string
}

/** No git settings may change which bytes are sent. What srv keeps in a project is not part of it. */
const settings = [
  '-c',
  'core.autocrlf=false',
  '-c',
  'core.excludesFile=/dev/null',
  '-c',
  'core.attributesFile=/dev/null',
  '-c',
  'advice.addEmbeddedRepo=false',
]

/** The same files are the same commit, whoever sends them and when: then there is nothing to do. */
const sameEverywhere = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((who) => [
    [`GIT_${who}_NAME`, 'srv'],
    [`GIT_${who}_EMAIL`, 'srv@localhost'],
    [`GIT_${who}_DATE`, '2000-01-01T00:00:00Z'],
  ]),
)

/**
 * Turns what is in a folder right now into one commit, without touching the folder or a repository that it belongs to.
 *
 * @throws SrvError SRV-168 when there is no such folder, or git could not read it
 */
export async function resolveFiles(ask: AskGit, { instance, folder, store }: FilesQuestion): Promise<Resolved> {
  const fail = (problem: string): never => {
    throw srvError('SRV-168', { instance, folder: folder ?? store, problem }, { where: { instance } })
  }
  const found = folder === undefined ? undefined : await stat(folder).catch(() => undefined)
  if (folder !== undefined && found?.isDirectory() !== true) return fail('there is no such folder')
  await mkdir(store, { recursive: true })
  const index = join(store, `index.${String(pid)}`)
  const git = async (...command: readonly string[]): Promise<string> => {
    const place = [`--git-dir=${store}`, `--work-tree=${folder ?? store}`]
    const environment = { GIT_INDEX_FILE: index, ...sameEverywhere }
    const answer = await ask(folder ?? store, [...place, ...settings, ...command], environment)
    return answer.ok ? answer.said : fail(answer.problem)
  }
  try {
    const made = await ask(store, ['init', '--quiet', '--bare', '--template=', '.'])
    if (!made.ok) return fail(made.problem)
    if (folder !== undefined) await git('add', '--all', '--', '.', ':(exclude,top).srv')
    const tree = await git('write-tree')
    const subject = folder === undefined ? 'No code: an image only' : 'Files that were sent'
    const ref = folder === undefined ? 'none' : basename(folder)
    return { commit: await git('commit-tree', tree, '-m', subject), ref, subject }
  } finally {
    await rm(index, { force: true })
  }
}
