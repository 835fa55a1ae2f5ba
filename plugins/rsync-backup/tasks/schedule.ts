import {
  isSrvError,
  lines,
  raw,
  srvError,
  type InstanceContext,
  type Script,
  type SrvError,
  type TaskMaker,
} from '../../../src/index.ts'
import { factsIn } from '../facts.ts'
import type { Options, Settings } from '../options.ts'
import { calendarOf } from '../schedule/calendar.ts'
import { scheduleRun } from '../schedule/gate.ts'
import { openGate, shutGate } from '../schedule/host.ts'
import {
  askOther,
  filesScript,
  forgetKeeper,
  prepareKeeper,
  timesScript,
  tryScript,
  whyNot,
} from '../schedule/keeper.ts'
import type { Schedule } from '../schedule/options.ts'
import { wayTo, type Way } from '../schedule/reach.ts'
import type { Scheduled } from '../schedule/run.ts'
import { ownedScript, ownerFile, ownerOf } from '../schedule/owner.ts'
import { siteOf, type Site } from '../schedule/site.ts'
import { ownerIn } from '../scripts/owner.ts'
import { keepersOf, speaks, type Vault } from '../vault.ts'
import { afterFailure, keeperIn, problemOf, vaultsIn, where } from './context.ts'
import { dumpFolder, dumpText } from './dumps.ts'
import { assertApart, identityOf, notOurs } from './ours.ts'

type Context = InstanceContext<Options, Record<never, never>, Settings>

function refused(
  context: Context,
  { keeper, service }: Site,
  problem: string,
  output: readonly string[] = [],
): SrvError {
  const { host } = context
  const details = { service, host: host.name, keeper, problem, ...whyNot(problem) }
  return srvError('SRV-670', details, { where: { host: host.name, instance: service }, output })
}

/** Changes something on a machine. @throws SrvError SRV-670 with what it said */
async function change(context: Context, site: Site, target: Pick<Context, 'run'>, script: Script): Promise<string> {
  try {
    return (await target.run`${lines(raw('set -e'), script)}`).stdout
  } catch (thrown) {
    if (!isSrvError(thrown)) throw thrown
    throw refused(context, site, problemOf(thrown), thrown.output)
  }
}

/** How the keeper is to reach the host: as the config says, else as this machine does; it has to show the key that it showed here. */
async function wayOf(context: Context, site: Site, { from }: Schedule): Promise<Way | undefined> {
  if (site.isSame) return undefined
  const reached = await context.reached()
  if (reached === undefined)
    throw refused(context, site, 'srv does not know a host key by which this machine can be reached')
  return wayTo(reached, site.vault.from?.[context.host.name] ?? from[context.host.name])
}

interface Answered {
  readonly by: 'system' | 'user' | 'cron'
  /** `type base64` of the public half. */
  readonly key: string
  /** There was a schedule before. */
  readonly isThere: boolean
}

/** What a keeper answered when its folder was made. In a dry run nobody was asked. */
function answered(stdout: string): Answered {
  const said = factsIn(stdout)
  const by = said.get('by')
  return {
    isThere: said.has('before'),
    by: by === 'user' || by === 'cron' ? by : 'system',
    key: said.get('key') ?? 'ssh-ed25519 <made on the keeper>',
  }
}

/** @throws SrvError SRV-660 for the schedule of another machine of this name */
async function assertOurSchedule(context: Context, site: Site): Promise<void> {
  const of = await identityOf(context)
  const { stdout } = await keeperIn(context, site.vault).probe`${askOther(site, of)}`
  const other = ownerIn(stdout)
  if (other !== undefined) throw notOurs(context, site.vault, other, of)
}

/** Removes everything of a schedule, on both machines. */
async function takeAway(context: Context, site: Site): Promise<readonly string[]> {
  const said = [
    await change(context, site, keeperIn(context, site.vault), forgetKeeper(site)),
    await change(context, site, context, shutGate(site)),
  ]
  return said.flatMap((text) => text.split('\n')).filter((line) => line !== '')
}

/**
 * Schedules of a host on a keeper that belong to this config but are no longer in it, because the service or the schedule is
 * gone. One service of the run acts for those that are gone.
 */
async function forgotten(context: Context, vault: Vault, owner: string): Promise<readonly Site[]> {
  const { host, service, services, declared, options } = context
  const known = new Set(declared.placements.flatMap((one) => (one.host.name === host.name ? [one.service.name] : [])))
  const { stdout } = await keeperIn(context, vault).probe`${ownedScript(vault.folder, host.name, owner)}`
  return stdout.split('\n').flatMap((name) => {
    const isGone = name !== '' && !known.has(name) && services[0]?.name === service.name
    const isUnscheduled = name === service.name && options.schedule === undefined
    if (!isGone && !isUnscheduled) return []
    const paths = { state: `${host.root.replace(/\/+$/, '')}/${name}/.srv` }
    const base = `${vault.folder}/${host.name}/${name}`
    return [siteOf({ host, service: { name }, paths }, { ...vault, base })]
  })
}

/** Removes schedules that the config once had, and says whether there were any. Those of other configs and hosts are not touched. */
async function removeForgotten(context: Context, owner: string): Promise<boolean> {
  let found = false
  for (const vault of vaultsIn(context)) {
    for (const site of await forgotten(context, vault, owner)) {
      context.progress(`the config no longer schedules ${site.service}: removing its schedule on ${site.keeper}`)
      for (const line of await takeAway(context, site)) context.progress(line)
      found = true
    }
  }
  return found
}

/** Installs one schedule. If it cannot work, a new one is removed again. */
async function install(context: Context, site: Site, schedule: Schedule, owner: string): Promise<void> {
  const { service, paths, settings, options } = context
  const keeper = keeperIn(context, site.vault)
  assertApart(context, site.vault)
  const way = await wayOf(context, site, schedule)
  const scheduled: Scheduled = { site, options, schedule, settings }
  const of = await identityOf(context)
  const said = await change(context, site, keeper, prepareKeeper(site, schedule.at, of))
  const other = ownerIn(said)
  if (other !== undefined) throw notOurs(context, site.vault, other, of)
  const { by, key, isThere } = answered(said)
  try {
    const dumps = dumpText({ ...context, runId: scheduleRun })
    const own = dumpFolder(paths, scheduleRun)
    const gated = { site, service, paths, settings, dumps, dumpFolder: own, quiet: context }
    await change(context, site, context, openGate(gated, site.isSame ? undefined : key))
    await change(context, site, keeper, lines(ownerFile(site, owner, of), filesScript(scheduled, way)))
    await change(context, site, keeper, tryScript(site, way))
    await change(context, site, keeper, timesScript(scheduled, paths.state, by))
  } catch (thrown) {
    if (isSrvError(thrown) && !isThere) await afterFailure(context, () => takeAway(context, site))
    throw thrown
  }
  const how = by === 'cron' ? 'cron' : `systemd, ${site.unit}.timer`
  // In a dry run nobody was asked.
  context.progress(
    `${site.keeper} ${context.dryRun ? 'would back' : 'backs'} up ${service.name} by ${context.dryRun ? `${how}, or by cron where it has none` : how}`,
  )
}

/** Installs the schedules of the config on its keepers, and removes those that it no longer has. */
export function installTask(task: TaskMaker<Options, Settings>, options: Options) {
  return task({
    title: 'Install the schedule',
    on: 'instance',
    othersGoOn: true,
    applies: speaks,
    also: ({ host }) => keepersOf(options, host),
    describe: (context) =>
      options.schedule === undefined
        ? 'the config has no schedule: remove those that it had'
        : vaultsIn(context)
            .map(
              (vault) =>
                `have ${siteOf(context, vault).keeper} copy ${context.paths.data} to ${where(vault)} at ${calendarOf(options.schedule?.at ?? '')}`,
            )
            .join('; '),
    async run(context: Context) {
      const { schedule } = options
      const owner = await ownerOf(context)
      if (schedule !== undefined) {
        for (const vault of vaultsIn(context)) await install(context, siteOf(context, vault), schedule, owner)
      }
      const wasThere = await removeForgotten(context, owner)
      if (schedule === undefined && !wasThere)
        context.warn(
          `nothing was installed: the config has no schedule, as in rsyncBackup({ schedule: { at: '03:00' } })`,
        )
    },
  })
}

/** Removes the schedules from keepers and hosts, and says what was there. Snapshots stay. */
export function removeTask(task: TaskMaker<Options, Settings>, options: Options) {
  return task({
    title: 'Remove the schedule',
    on: 'instance',
    othersGoOn: true,
    applies: speaks,
    also: ({ host }) => keepersOf(options, host),
    describe: (context) =>
      vaultsIn(context)
        .map((vault) => `remove the schedule of ${where(vault)} and its key`)
        .join('; '),
    async run(context: Context): Promise<readonly string[]> {
      const removed: string[] = []
      for (const vault of vaultsIn(context)) {
        const site = siteOf(context, vault)
        await assertOurSchedule(context, site)
        removed.push(...(await takeAway(context, site)))
      }
      for (const line of removed) context.progress(line)
      if (removed.length === 0) context.unchanged('there was no schedule: nothing was removed')
      return removed
    },
  })
}
