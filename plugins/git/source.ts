import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { srvError, type Instance } from '../../src/index.ts'
import type { Effective } from './options.ts'

/** Where the commits of an instance come from. */
export type Source =
  | { readonly kind: 'remote'; readonly url: string }
  /** `cloneOf` is the URL that the service names: the local repository must know it as one of its remotes. */
  | { readonly kind: 'push'; readonly folder: string; readonly cloneOf?: string }
  /** `store` is a bare repository of srv's own, in which the folder's content becomes a commit; without a folder an empty one. */
  | { readonly kind: 'files'; readonly folder?: string; readonly store: string }

/** Tells `https://…`, `ssh://…` and `git@host:path` from the path of a folder, the way git does. */
export function isUrl(repository: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(repository) || /^[^/:]+:/.test(repository)
}

/** Whether reading that URL needs an SSH client. */
export function needsSsh(url: string): boolean {
  return /^(ssh|git\+ssh|ssh\+git):\/\//i.test(url) || (isUrl(url) && !url.includes('://'))
}

/** The URL without a password in it, for messages. */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, (whole, scheme: string) => {
    return whole.includes(':', scheme.length) ? scheme : whole
  })
}

/** The URL that becomes the origin of a new checkout, without a password that somebody could find in its config. */
export function originOf(source: Source): string | undefined {
  const url = source.kind === 'remote' ? source.url : source.kind === 'push' ? source.cloneOf : undefined
  return url === undefined ? undefined : withoutPassword(url)
}

function absolute(path: string, projectRoot: string): string {
  return resolve(projectRoot, path.replace(/^~(?=\/|$)/, homedir()))
}

/** The folder whose content is sent as it is: the repository of the config, or the project's own folder, or a folder in it. */
function filesOf({ repository = '.', id }: Instance, path: string | undefined, projectRoot: string): Source {
  if (isUrl(repository)) throw srvError('SRV-167', { instance: id, repository }, { where: { instance: id } })
  const folder = resolve(absolute(repository, projectRoot), path ?? '.')
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 12)
  return { kind: 'files', folder, store: join(projectRoot, '.srv', 'files', `${name}.git`) }
}

/** Where an instance's commits come from, also where that is nothing that could be reached. */
export function sourceKind({ repository }: Pick<Instance, 'repository'>, source: Effective['source']): Source['kind'] {
  if (source === 'none' || source === 'files') return 'files'
  return source ?? (repository !== undefined && isUrl(repository) ? 'remote' : 'push')
}

/**
 * Decides where an instance's commits come from: a URL is fetched by the hosts, a folder of this machine is pushed, and
 * without either the repository around `srv.config.ts` is pushed.
 *
 * @throws SrvError SRV-160 when hosts are to fetch and there is nothing that they could reach, SRV-167 when files of a
 * URL are to be sent
 */
export function sourceOf(
  instance: Instance,
  { source, path }: Pick<Effective, 'source' | 'path'>,
  projectRoot: string,
): Source {
  const { repository, id } = instance
  const kind = sourceKind(instance, source)
  if (source === 'none') return { kind: 'files', store: join(projectRoot, '.srv', 'files', 'none.git') }
  if (kind === 'files') return filesOf(instance, path, projectRoot)
  const url = repository !== undefined && isUrl(repository)
  if (kind === 'remote') {
    if (url || repository?.startsWith('/') === true) return { kind, url: repository }
    const said = repository === undefined ? {} : { repository }
    throw srvError('SRV-160', { instance: id, ...said }, { where: { instance: id } })
  }
  if (repository === undefined) return { kind, folder: projectRoot }
  if (url) return { kind, folder: projectRoot, cloneOf: repository }
  return { kind, folder: absolute(repository, projectRoot) }
}
