import { asProject } from '../place.ts'
import { changesOf } from './made.ts'
import { readMember, type Member } from '../swarm/nodes.ts'

/** One service of a frozen release. */
export interface FrozenService {
  readonly name: string
  readonly digest: string
  readonly image: string
  readonly replicas: number
  /** One on every node of a swarm, however many these are; `replicas` is 0 then. */
  readonly isGlobal: boolean
  /** `ends`: another waits for its end. `may-end`: exit status 0 is fine. `stays`: it has to run. */
  readonly ends: 'ends' | 'may-end' | 'stays'
  /** Why two versions of it cannot run at the same time; empty when they can. */
  readonly why: string
}

/** One container of the project, as Docker says. */
export interface Container {
  readonly service: string
  /** `-` when srv did not start it. */
  readonly digest: string
  readonly status: string
  readonly exitCode: number
  readonly restarts: number
  /** `-` without a healthcheck. */
  readonly health: string
  readonly image: string
  readonly name: string
  readonly id: string
  /** How it differs from what it was when it was made, in one line each. */
  readonly changes: readonly string[]
}

/** One service of a stack, as the manager of the swarm says. */
export interface StackService {
  readonly name: string
  /** `-` when srv did not make it. */
  readonly digest: string
  readonly running: number
  readonly wanted: number
  /** State of its last update; `-` when there was none. */
  readonly update: string
}

/** An image of a frozen release that is no longer on the host. */
export interface GoneImage {
  readonly image: string
  /** `registry/name@sha256:…`; none of an image that was never in a registry. */
  readonly names: readonly string[]
}

/** What a host printed about a compose project. */
export interface Facts {
  readonly active?: string
  /** The release that a run was putting in place when it ended. */
  readonly open?: string
  /** Frozen releases of which every image is there, or can be pulled again. */
  readonly whole: ReadonlySet<string>
  /** By frozen release, the images that are gone, with the names by which a registry may still have each. */
  readonly gone: Readonly<Record<string, readonly GoneImage[]>>
  /** What is deployed runs as another project than the config says, or not in the swarm that this says: the words for it. */
  readonly former?: string
  readonly services: readonly FrozenService[]
  readonly containers: readonly Container[]
  /** Of a swarm: whether this node belongs to it, and on the manager what it runs. */
  readonly node?: string
  /** Of a swarm: the id of this node, and on the manager all nodes. */
  readonly self?: string
  readonly members: readonly Member[]
  readonly stack: readonly StackService[]
  /** Mounted files that are not what the release was frozen with. */
  readonly changed: readonly string[]
  /** Services whose proxy has other addresses than their containers, each with the file that tells it. */
  readonly astray: readonly string[]
  /** Mounted files that the app wrote to, as it may. */
  readonly wrote: readonly string[]
  /** Copies that no release mounts, and which stay since the app wrote into them. */
  readonly left: readonly string[]
}

function readService(text: string): FrozenService {
  const [name = '', digest = '', image = '', replicas = '1', ends = '', why = ''] = text.replace(/^\t/, '').split('\t')
  return {
    name,
    digest,
    image,
    replicas: replicas === 'global' ? 0 : Number(replicas),
    isGlobal: replicas === 'global',
    ends: ends === 'ends' || ends === 'may-end' ? ends : 'stays',
    why,
  }
}

function readContainer(text: string, made: ReadonlyMap<string, string>): Container {
  const [service = '', digest = '', status = '', exitCode = '0', restarts = '0', health = '', image = '', ...rest] =
    text.split(' ')
  const [name = '', id = '', now = ''] = rest
  return {
    service,
    digest,
    status,
    exitCode: Number(exitCode),
    restarts: Number(restarts),
    health,
    image,
    name: name.replace(/^\//, ''),
    id,
    changes: changesOf(made.get(id) ?? now, now),
  }
}

function readStackService(text: string): StackService {
  const [name = '', digest = '', count = '', update = '-'] = text.split(' ')
  const [running, wanted] = count.split('/').map(Number)
  return { name, digest, running: running ?? 0, wanted: wanted ?? 0, update }
}

/** Reads what the inspecting script printed; lines that it does not know are left out. */
export function readFacts(stdout: string): Facts {
  const all = (kind: string): readonly string[] =>
    stdout.split('\n').flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : []))
  const [active] = all('active')
  const [open] = all('open')
  const [project = '', kind] = all('former')[0]?.split(' ') ?? []
  const [node] = all('node')
  const [self] = all('self')
  const images = new Set(all('image'))
  const made = new Map(
    all('made').map((line): [string, string] => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']),
  )
  const names = new Map(all('digests').map((line) => [line.split(' ')[0] ?? '', line.split(' ').slice(1)]))
  const gone: Record<string, GoneImage[]> = {}
  for (const [id = '', image = ''] of all('needs').map((line) => line.split(' '))) {
    const known = (gone[id] ??= [])
    const isThere = images.has(image) || known.some((one) => one.image === image)
    if (!isThere) known.push({ image, names: names.get(image) ?? [] })
  }
  const isLost = (id: string): boolean => gone[id]?.some((one) => one.names.length === 0) ?? false
  return {
    ...(active === undefined ? {} : { active }),
    ...(open === undefined ? {} : { open }),
    whole: new Set(all('frozen').filter((id) => !isLost(id))),
    gone: Object.fromEntries(Object.entries(gone).filter(([, found]) => found.length > 0)),
    ...(kind === undefined ? {} : { former: asProject(project, kind !== 'alone') }),
    services: all('service').map(readService),
    containers: all('container').map((line) => readContainer(line, made)),
    ...(node === undefined ? {} : { node }),
    ...(self === undefined ? {} : { self }),
    members: all('member').map(readMember),
    stack: all('stack').map(readStackService),
    changed: all('changed'),
    astray: all('astray'),
    wrote: all('wrote'),
    left: all('left'),
  }
}
