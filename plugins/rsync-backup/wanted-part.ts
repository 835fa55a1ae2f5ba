import { srvError } from '../../src/index.ts'
import { plannedText, type Wanted } from './choose.ts'
import { isFile, nameOf, type Dump } from './dumps/kinds.ts'

function refuse(flag: string, said: string, problem: string): never {
  throw srvError('SRV-654', { flag, said, problem })
}

/** A path below the data, without what means nothing in it. @throws SrvError SRV-654 for one that leads out of them */
export function partOf(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (path.startsWith('/') || parts.length === 0 || parts.includes('..')) {
    refuse('path', path, 'it must be a file or folder below data/, such as uploads/2026. Nothing was contacted')
  }
  return parts.join('/')
}

/** The absolute path of a folder on a host, without what means nothing in it. @throws SrvError SRV-654 for another one, or none */
export function absoluteOf(said: string | undefined): string {
  const parts = (said ?? '').split('/').filter((part) => part !== '' && part !== '.')
  if (said?.startsWith('/') !== true || parts.length === 0 || parts.includes('..')) {
    refuse('to', said ?? '(missing)', 'it must be the absolute path of a folder on the host. Nothing was contacted')
  }
  return `/${parts.join('/')}`
}

/** Whether one of some dumps stands for a path in the data. */
export function isDumped(path: string, dumps: readonly Dump[]): boolean {
  return dumps.some((one) => isFile(one) && partOf(one.file) === path)
}

/** How a plan names what will be restored: `uploads of the newest good snapshot`. */
export function plannedPart({ path, ...wanted }: Wanted & { readonly path?: string | undefined }): string {
  const part = partOf(path)
  return `${part === undefined ? '' : `${part} of `}the ${plannedText(wanted)}`
}

/** A folder that is made on a host. @throws SrvError SRV-654 for one that is no absolute path, or is in the data that serve */
export function folderOf(said: string | undefined, data: string): string {
  const folder = absoluteOf(said)
  if (`${folder}/`.startsWith(`${data}/`)) refuse('to', folder, 'it is inside the live data')
  return folder
}

/** Which dumps are loaded: all of them, none, or those with these names. @throws SrvError SRV-654 for a name that none has */
export function dumpsOf(dumps: readonly Dump[], said: string): readonly Dump[] {
  if (said === 'all') return dumps
  if (said === 'none') return []
  const names = said.split(',')
  const unknown = names.find((name) => dumps.every((one) => nameOf(one) !== name))
  if (unknown !== undefined) {
    refuse(
      'dumps',
      said,
      `it must be all, none, or comma-separated names: ${dumps.map(nameOf).join(', ') || 'the service has no dumps'}`,
    )
  }
  return dumps.filter((one) => names.includes(nameOf(one)))
}
