import { lines, srvError, type InstanceContext, type TaskMaker } from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import { sourceScript } from '../checks.ts'
import { nameOf } from '../dumps/kinds.ts'
import { offerText } from '../scripts/begin.ts'
import { clockIn, clockText } from '../scripts/clock.ts'
import { mountsIn } from '../scripts/mounts.ts'
import { identityIn, identityText } from '../scripts/owner.ts'
import type { Snapshot } from '../snapshot.ts'
import { destinationsOf, keepersOf, speaks, type Vault } from '../vault.ts'
import { vaultsIn, where } from './context.ts'
import { changedMeanwhile } from './copy.ts'
import { dumpText } from './dumps.ts'
import { failures } from './failures.ts'
import { madeText, makeIn, type Context, type Made, type Said, type Source } from './make.ts'
import { assertAllowed } from './ours.ts'
import { servedBy } from './served.ts'

const flags = {
  'allow-shrunk': { type: 'boolean', description: 'Accept data that has shrunk to less than half, or lost a mount' },
  adopt: { type: 'boolean', description: 'Take over snapshots of another machine with this name' },
} as const

/** How often a copy is tried during which files change. */
const mostAttempts = 3

/**
 * Checks whether there is data, whose it is, what time it is there, and which checksums rsync knows.
 *
 * @throws SrvError SRV-648 when there is nothing to copy: it would be a snapshot that looks good
 */
async function assertData(context: Context): Promise<Source> {
  const { service, host, settings } = context
  const { end, stdout } =
    await context.probe`${lines(sourceScript(context, settings), identityText(context), clockText, offerText)}`
  if (end.kind === 'exit' && end.code === 0) {
    return {
      of: identityIn(stdout) ?? '',
      mounts: mountsIn(stdout),
      clock: clockIn(stdout),
      offered: stdout.trim().split('\n').at(-1) ?? '',
    }
  }
  const details = { service: service.name, host: host.name, problem: stdout.trim() }
  throw srvError('SRV-648', details, { where: { host: host.name } })
}

/** How a plan says which way the bytes will go. */
function wayWords({ name }: Context['host'], { on, way }: Vault): string {
  if (on === name) return ''
  switch (way) {
    case undefined:
    case 'laptop':
      return ''
    case 'pull':
      return `, which ${on} fetches`
    case 'push':
      return `, which ${name} sends`
    case 'auto':
      return `, which ${on} fetches if it can reach ${name}`
  }
}

/** One line for each thing that is copied, for plans. */
export function describeCopies(context: Context): string {
  return [
    ...context.settings.dumps.map((one) => `dump ${nameOf(one)}`),
    ...vaultsIn(context).map(
      (vault) => `copy ${context.paths.data} to ${where(vault)}${wayWords(context.host, vault)}`,
    ),
  ].join('; ')
}

/**
 * Makes a snapshot of a service's data in each of its destinations.
 *
 * @throws SrvError SRV-303, SRV-640, SRV-641, SRV-648, SRV-65x, SRV-660 to SRV-663
 */
export async function makeSnapshots(context: Context, said: Said): Promise<readonly Snapshot[]> {
  const { settings, options } = context
  const { consistency } = settings
  const { before } = said
  // What cannot be held or dumped is reported before anything is made or copied.
  if (consistency !== 'live') context.hold(consistency)
  const dumps = dumpText(context)
  const source = await assertData(context)
  const served = await servedBy(context)
  const failed = failures()
  const mayMiss = before !== '' && options.beforeDeploy === 'any'
  const vaults = vaultsIn(context)
  if (!mayMiss) await assertAllowed(context, vaults, { of: source.of, adopt: said.adopt }, failed)
  const made: Made[] = []
  let left: readonly Vault[] = vaults
  for (let attempt = 1; left.length > 0; attempt++) {
    made.push(...(await makeIn(context, left, { ...said, source, served, dumps }, failed)))
    if (attempt === mostAttempts) break
    left = failed.forgive(({ cause }) => cause === changedMeanwhile)
    if (left.length > 0) context.progress(`${changedMeanwhile}: trying again in ${left.map(where).join(', ')}`)
  }
  const told = made.map(madeText)
  // A snapshot that is missing elsewhere does not stop the deploy when one exists; data that has shrunk does.
  if (mayMiss && made.length > 0 && failed.errors.every(({ code }) => code !== 'SRV-641')) {
    for (const { message } of failed.errors) context.warn(message)
    for (const one of told) context.done(one)
    return made.map(({ snapshot }) => snapshot)
  }
  if (made.length > 0 && failed.errors.length > 0) {
    const { host, service } = context
    for (const id of new Set(made.map(({ snapshot }) => snapshot.id))) {
      const places = made.filter(({ snapshot }) => snapshot.id === id).map(({ vault }) => where(vault))
      context.warn(`The snapshot ${id} of ${service.name} on ${host.name} was made in ${places.join(', ')}.`)
    }
  }
  failed.tell(context, told)
  failed.assertNone()
  return made.map(({ snapshot }) => snapshot)
}

/** Makes a snapshot of a service's data in each of its destinations, and removes those that no rule keeps. */
export function snapshotTask(task: TaskMaker<Options, Settings>, options: Options) {
  return task({
    title: 'Copy the data',
    on: 'instance',
    othersGoOn: true,
    applies: speaks,
    flags,
    also: ({ host }) => keepersOf(options, host),
    // The others get their snapshot all the same.
    alsoMayFail: destinationsOf(options).length > 1,
    describe: describeCopies,
    run(context: InstanceContext<Options, typeof flags, Settings>): Promise<readonly Snapshot[]> {
      return makeSnapshots(context, {
        allowShrunk: context.flags['allow-shrunk'],
        before: '',
        adopt: context.flags.adopt,
      })
    },
  })
}
