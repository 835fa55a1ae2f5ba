import type { Placement } from '../config/resolved.ts'
import { srvError } from '../error/srv-error.ts'
import { didYouMean } from '../error/suggest.ts'
import type { Selection } from '../run/event.ts'

function assertKnown(
  code: 'SRV-111' | 'SRV-112' | 'SRV-113',
  names: readonly string[],
  known: readonly string[],
): void {
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw srvError(code, { name: unknown, suggestion: didYouMean(unknown, known) })
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)]
}

/**
 * The placements that are meant. A name that does not exist is an error, and so is a choice that leaves nothing.
 *
 * @throws SrvError SRV-111 unknown service or instance, SRV-112 unknown host, SRV-113 unknown tag, SRV-117 nothing left
 */
export function select(all: readonly Placement[], { services, hosts, tags }: Selection): readonly Placement[] {
  const known = unique(all.flatMap(({ instance }) => [instance.service, instance.id]))
  assertKnown('SRV-111', services, known)
  const wanted = hosts.filter((name) => !name.startsWith('!'))
  const unwanted = hosts.filter((name) => name.startsWith('!')).map((name) => name.slice(1))
  const knownHosts = unique(all.map(({ host }) => host.name))
  assertKnown('SRV-112', [...wanted, ...unwanted], knownHosts)
  assertKnown('SRV-113', tags, unique(all.flatMap(({ host }) => host.tags)))
  const chosen = all.filter(
    ({ instance, host }) =>
      (services.length === 0 || services.includes(instance.service) || services.includes(instance.id)) &&
      (wanted.length === 0 || wanted.includes(host.name)) &&
      !unwanted.includes(host.name) &&
      (tags.length === 0 || tags.some((tag) => host.tags.includes(tag))),
  )
  if (chosen.length === 0) throw srvError('SRV-117', { services, hosts, tags })
  return chosen
}
