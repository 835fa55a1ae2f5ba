import {
  isSrvError,
  srvError,
  type Host,
  type HostContext,
  type Placement,
  type TaskMaker,
} from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import { wayTo } from '../schedule/reach.ts'
import { keepersOf, speaks, vaultsOf, type Vault } from '../vault.ts'
import { linkOf, type Link } from '../way/link.ts'
import { lookScript, refuseScript } from '../way/near.ts'
import { kept, problemOf } from './context.ts'
import { addressOf, endLink, openLink, sidesOf, type Linking } from './link.ts'
import { fromFlag, sourceFlag, sourcesIn, type Said } from './source.ts'

/** How the bytes go: through this machine, or over a connection between the two others. */
export type Passage =
  { readonly by: 'laptop'; readonly why: string } | { readonly by: 'pull' | 'push'; readonly tag: string }

/** Why there is no connection. */
interface NoWay {
  readonly by: 'none'
  readonly problem: string
  readonly output: readonly string[]
}

/** Finds the connection of this run, or opens it. That there is no way is remembered for the rest of the run. */
async function passage(context: Linking, vault: Vault, link: Link): Promise<Passage | NoWay> {
  const { near } = sidesOf(context, link, vault)
  const { stdout } = await near.target.probe`${lookScript(link)}`
  const [, found, said = ''] = /^(open|refused) (.*)$/m.exec(stdout) ?? []
  // The output of a machine becomes part of a path on the other one: it has to be a name that this run can have made.
  const isOurs = new RegExp(`^${link.machines}-[0-9a-f]{8}-${link.run}$`).test(said)
  if (found === 'open' && isOurs) return { by: link.way, tag: said }
  if (found === 'refused') return { by: 'none', problem: said, output: [] }
  const reached = await context.reached(link.way === 'pull' ? context.host.name : vault.on)
  if (reached === undefined) return { by: 'none', problem: 'srv runs there, and knows no host key of it', output: [] }
  const to = wayTo(reached, addressOf(context, link, vault))
  if (to.user !== reached.user) {
    const problem = `the config says ${to.user}@${to.address}, but srv itself logs in as ${reached.user}, whose keys it can change`
    return { by: 'none', problem, output: [] }
  }
  try {
    await openLink(context, link, vault, to)
    return { by: link.way, tag: link.tag }
  } catch (thrown) {
    // Any other failure is not about this way: a lost lease, a broken connection of srv itself.
    if (!isSrvError(thrown) || thrown.code !== 'SRV-501') throw thrown
    const problem = problemOf(thrown)
    await near.target.run`${refuseScript(link, problem)}`
    return { by: 'none', problem, output: thrown.output }
  }
}

/**
 * How the bytes of the next copy go. A connection between the two machines is opened once for a run; a way that the config
 * asks for and that is not there is an error, unless it says `auto`.
 *
 * @throws SrvError SRV-656
 */
export async function passageTo(context: Linking, vault: Vault): Promise<Passage> {
  const { host, service } = context
  const through: Passage = { by: 'laptop', why: '' }
  // In a dry run no machine logs in to another, so it is unknown.
  if (vault.on === host.name || context.dryRun) return through
  const reached = await context.reached()
  const link = linkOf(context, vault, reached, service.name)
  if (link === undefined) return through
  // The host is where srv runs: going through this machine is the direct way.
  if (vault.way === 'auto' && reached === undefined) return through
  const found = await passage(context, vault, link)
  if (found.by !== 'none') return found
  const { problem, output } = found
  const sides = sidesOf(context, link, vault)
  const [near, far] = [sides.near.name, sides.far.name]
  if (vault.way === 'auto') return { ...through, why: `${near} cannot reach ${far} directly (${problem})` }
  const where = { host: host.name, instance: service.name }
  throw srvError('SRV-656', { ...kept(context, vault), near, far, problem }, { where, output })
}

/**
 * How the bytes of the next part of a snapshot go to the host. A keeper that may fetch from there also sends directly where
 * it can. A host that pushes does not log in to fetch; then, as whenever there is no direct way, the data comes through here.
 */
export async function passageBack(context: Linking, vault: Vault): Promise<Passage> {
  const goesThere = vault.way === 'auto' || vault.way === 'pull'
  return passageTo(context, { ...vault, way: goesThere ? 'auto' : 'laptop' })
}

/**
 * Ends a connection that broke, with whoever still writes at its other end: what comes next on the host, and for the rest of
 * the run, goes through this machine.
 */
export async function giveUpWay(context: Linking, vault: Vault, problem: string): Promise<void> {
  const link = linkOf(context, { ...vault, way: 'pull' }, await context.reached(), context.service.name)
  if (link === undefined) return
  await endLink(context, link, vault)
  await sidesOf(context, link, vault).near.target.run`${refuseScript(link, problem)}`
}

/** One line about the way that was taken; empty for the ordinary one. */
export function passageText({ host }: Pick<Linking, 'host'>, { on }: Vault, taken: Passage, isBack = false): string {
  switch (taken.by) {
    case 'laptop':
      return taken.why === '' ? '' : `through this machine: ${taken.why}`
    case 'pull':
      return isBack ? `${on} sends directly to ${host.name}` : `${on} fetches directly from ${host.name}`
    case 'push':
      return `${host.name} sends directly to ${on}`
  }
}

async function endAll(context: HostContext<Options>, isWanted: (vault: Vault) => boolean): Promise<void> {
  const reached = await context.reached()
  const vaults = vaultsOf(context.options, { ...context, service: { name: '' } }, '').filter(isWanted)
  const links = new Map<string, { link: Link; vault: Vault }>()
  for (const vault of vaults.filter(({ on }) => on !== context.host.name)) {
    const link = linkOf(context, vault, reached)
    if (link !== undefined) links.set(link.machines, { link, vault })
  }
  for (const { link, vault } of links.values()) await endLink(context, link, vault)
}

/** Ends the connections that copies were made over, once all services of a host are copied. */
export function endTask(
  task: TaskMaker<Options, Settings>,
  options: Options,
  applies: (placement: Placement, settings: Settings) => boolean,
) {
  return task({
    title: 'End connections between machines',
    on: 'host',
    othersGoOn: true,
    applies,
    also: ({ host }) => keepersOf(options, host),
    // What a keeper holds ends by itself.
    alsoMayFail: true,
    changes: false,
    run: (context) => endAll(context, () => true),
  })
}

/** Ends those that a snapshot was copied over; keepers other than its own need not be reachable. */
function endBrought(options: Options) {
  const sources = ({ name }: Pick<Host, 'name'>, said: Said) =>
    sourcesIn(options, { host: { name }, service: { name: '' } }, said)
  return {
    title: 'End connections between machines',
    on: 'host',
    othersGoOn: true,
    applies: speaks,
    also: ({ host }: Pick<Placement, 'host'>, _settings: unknown, said: Said) => sources(host, said),
    changes: false,
    run: (context: HostContext<Options>) =>
      endAll(context, ({ on }) => sources(context.host, context.flags).includes(on)),
  } as const
}

/** The same after a restore, a partial restore and a rehearsal. */
export function endBroughtTask(task: TaskMaker<Options, Settings>, options: Options) {
  return task({ ...endBrought(options), flags: { from: fromFlag, source: sourceFlag } })
}

/** The same after the previous data was copied to the host. */
export function endBackTask(task: TaskMaker<Options, Settings>, options: Options) {
  return task({ ...endBrought(options), flags: { source: sourceFlag } })
}
