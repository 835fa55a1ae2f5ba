import { isSrvError, type HostContext, type InstanceContext, type Script } from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import type { Way } from '../schedule/reach.ts'
import type { Vault } from '../vault.ts'
import { admitScript, leaveScript, shutScript } from '../way/far.ts'
import { hostGate, keeperGate } from '../way/gate.ts'
import type { Link } from '../way/link.ts'
import { hangUpScript, logInScript, prepareScript } from '../way/near.ts'
import type { Place } from './context.ts'
import { dumpFolder } from './dumps.ts'

/** What a task that copies over a connection works with. */
export type Linking = Place &
  Pick<
    InstanceContext<Options, Record<never, never>, Settings>,
    'reached' | 'dryRun' | 'progress' | 'onRollback' | 'signal' | 'services' | 'paths' | 'runId'
  >

type Sided = Pick<HostContext<Options>, 'at' | 'run' | 'probe' | 'host' | 'progress'>

/** Who logs in, and to whom: the keeper pulls, or the host pushes. */
export function sidesOf(context: Sided, { way }: Link, { on }: Pick<Vault, 'on'>) {
  const host = { name: context.host.name, target: context }
  const keeper = { name: on, target: context.at(on) }
  return way === 'pull' ? { near: keeper, far: host } : { near: host, far: keeper }
}

/** What the config says about how the one that logs in reaches the other. */
export function addressOf({ host, options }: Linking, { way }: Link, { from, at }: Vault): string | undefined {
  return way === 'pull' ? (from?.[host.name] ?? options.schedule?.from[host.name]) : at
}

/** A keeper may read the data and dumps of the services that the run is about; a host may write only what is expected of it. */
function gateOf({ services, paths, service, runId }: Linking, { way }: Link) {
  if (way === 'push') return hostGate
  const root = paths.service.slice(0, -service.name.length)
  return keeperGate(
    services.flatMap(({ name }) => [
      { name: `${name}/data`, folder: `${root}${name}/data` },
      { name: `${name}/dumps`, folder: dumpFolder({ service: `${root}${name}` }, runId) },
    ]),
  )
}

/** Opens a connection: the key is allowed only during the login, and is gone before the first byte is copied. */
export async function openLink(context: Linking, link: Link, vault: Vault, to: Way): Promise<void> {
  const { near, far } = sidesOf(context, link, vault)
  context.onRollback(() => takeBack(context, link, vault))
  const { stdout } = await near.target.run`${prepareScript(link, to)}`
  const key = /^key (.*)$/m.exec(stdout)?.[1] ?? 'ssh-ed25519 <made there>'
  try {
    await far.target.run`${admitScript(link, key, gateOf(context, link))}`
    await near.target.run`${logInScript(link)}`
  } finally {
    // After an interrupt nothing more can be sent from here, except by an undo.
    if (!context.signal.aborted) await far.target.run`${shutScript(link)}`
  }
}

/** Does a part of the clean-up. If that fails it is reported, but nothing is undone for it: no service depends on it. */
async function attempt({ progress }: Pick<Linking, 'progress'>, otherwise: string, work: () => Promise<void>) {
  try {
    await work()
  } catch (thrown) {
    // A run without its lease does nothing more.
    if (!isSrvError(thrown) || thrown.code === 'SRV-403') throw thrown
    progress(`${otherwise}: ${thrown.message}`)
  }
}

/**
 * Ends what a run opened between a host and a keeper. A keeper that is gone by then is only reported: what it sent is
 * on the host, and its end of the connection closes by itself.
 */
export async function endLink(context: Sided, link: Link, vault: Pick<Vault, 'on'>): Promise<void> {
  const { near, far } = sidesOf(context, link, vault)
  const end = async ({ name, target }: typeof near, script: Script): Promise<void> => {
    const work = async (): Promise<void> => {
      await target.run`${script}`
    }
    if (name === context.host.name) await work()
    else await attempt(context, `what ${name} has of the connection ends by itself`, work)
  }
  await end(far, leaveScript(link))
  await end(near, hangUpScript(link))
}

/** The same after a failure: the access is removed first; a connection that can no longer be ended from here ends by itself. */
async function takeBack(context: Linking, link: Link, vault: Vault): Promise<void> {
  const { near, far } = sidesOf(context, link, vault)
  await attempt(context, `what let ${near.name} log in to ${far.name} ends by itself`, async () => {
    await far.target.run`${shutScript(link)}`
    await far.target.run`${leaveScript(link)}`
  })
  await attempt(context, `the connection of ${near.name} to ${far.name} ends by itself`, async () => {
    await near.target.run`${hangUpScript(link)}`
  })
}
