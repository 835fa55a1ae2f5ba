import { hostname } from 'node:os'
import { basename } from 'node:path'
import { lines, raw, sh, type InstanceContext, type Script } from '../../../src/index.ts'
import type { Site } from './site.ts'

/** Where a repository is, in one form for all who have it: `example.org/team/shop`. Nothing for one on this machine. */
function commonOrigin(url: string): string | undefined {
  const bare = url.replace(/^[a-z+]+:\/\//, '').replace(/^[^/@]*@/, '')
  if (!/^[\w-]/.test(bare) || url.startsWith('file:')) return undefined
  return bare.replace(':', '/').replace(/\.git\/*$/, '')
}

/** Prints the address of the repository that a folder is in, and the way from its root; nothing for a folder in none. */
export function originScript(folder: string): Script {
  return lines(
    sh`cd ${folder}`,
    raw(`if url=$(git config --get remote.origin.url 2>/dev/null); then
  printf '%s\\n%s\\n' "$url" "$(git rev-parse --show-prefix)"
fi`),
  )
}

/**
 * The owner of a schedule: the config, identified by its repository and its path in it, or by this machine and its path, plus
 * the environment. Two people with the same repository are one owner; two configs never are.
 */
export async function ownerOf({
  local,
  projectRoot,
  declared,
  environment,
}: Pick<InstanceContext, 'local' | 'projectRoot' | 'declared' | 'environment'>): Promise<string> {
  const { stdout } = await local.probe`${originScript(projectRoot)}`
  const [url = '', prefix = ''] = stdout.split('\n')
  const origin = commonOrigin(url)
  const file = origin === undefined ? `${hostname()}:${declared.file}` : `${origin}/${prefix}${basename(declared.file)}`
  return `${file.replaceAll(/[\n\r]/g, ' ')} ${environment}`
}

/** Records on the keeper who owns a schedule, and for which machine. */
export function ownerFile({ home }: Pick<Site, 'home'>, owner: string, machine = ''): Script {
  return lines(sh`printf '%s\n' ${owner} >${`${home}/owner`}`, sh`printf '%s\n' ${machine} >${`${home}/machine`}`)
}

/** Prints the services of a host whose schedules in a folder of a keeper are those of an owner, one a line. */
export function ownedScript(folder: string, host: string, owner: string): Script {
  return lines(
    sh`owner=${owner}`,
    sh`for one in ${`${folder}/.srv/${host}`}/*/owner; do`,
    raw(`  said=
  [ ! -f "$one" ] || IFS= read -r said <"$one" || :
  one=\${one%/owner}
  [ "$said" != "$owner" ] || printf '%s\\n' "\${one##*/}"
done`),
  )
}
