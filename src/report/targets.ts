import { list } from './words.ts'

/** The host of a target: of `blog/native@web1` it is `web1`; a host's name is its own. */
export function hostOf(target: string): string {
  return target.slice(target.lastIndexOf('@') + 1)
}

/** The instance of a target, `blog/native`, or nothing when the target is a host. */
export function instanceOf(target: string): string | undefined {
  const at = target.lastIndexOf('@')
  return at === -1 ? undefined : target.slice(0, at)
}

/** Targets in the fewest words: `blog/native on web1, web2; shop/docker on web2`, or just the hosts. */
export function nameTargets(targets: readonly string[], most = Infinity): string {
  const hosts = new Map<string | undefined, string[]>()
  for (const target of targets) {
    const instance = instanceOf(target)
    hosts.set(instance, [...(hosts.get(instance) ?? []), hostOf(target)])
  }
  return [...hosts]
    .map(([instance, names]) => (instance === undefined ? list(names, most) : `${instance} on ${list(names, most)}`))
    .join('; ')
}
