import {
  isSrvError,
  lines,
  sh,
  srvError,
  type InstanceContext,
  type Script,
  type TaskMaker,
} from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import { newerScript, prepareScript, sendScript, stagingOf, swapBackScript, swapScript } from '../scripts/restore.ts'
import type { Snapshot } from '../snapshot.ts'
import { keepersOf, speaks, type Vault } from '../vault.ts'
import { onKeeper, vaultsIn, where } from './context.ts'
import { assertIntact, chosenIn, wantedFlags } from './verify.ts'

const flags = {
  ...wantedFlags,
  confirm: { type: 'string', description: 'Restore over data that are newer: shop@web1', value: 'service@host' },
} as const

type Context = InstanceContext<Options, typeof flags, Settings>

/** The first destination holds what is restored: the others are copies for when it is lost. */
function vaultOf(context: Context): Vault {
  const [vault] = vaultsIn(context)
  if (vault === undefined) throw srvError('SRV-900', { problem: 'a plugin without a destination' })
  return vault
}

/** @throws SrvError SRV-644 when the data that serve are newer, unless the command line names them */
async function assertOlder(context: Context, { id, startedAt }: Snapshot): Promise<void> {
  const { service, host, paths } = context
  const mine = `${service.name}@${host.name}`
  if (context.flags.confirm?.split(',').includes(mine) === true) return
  const seconds = Math.floor(Date.parse(startedAt) / 1000)
  const { end } = await context.probe`${newerScript(paths, seconds)}`
  if (end.kind === 'exit' && end.code === 0) return
  throw srvError('SRV-644', { service: service.name, host: host.name, id }, { where: { host: host.name } })
}

/** Runs a part of a restore on the host. @throws SrvError SRV-645 */
async function here(context: Context, script: Script): Promise<void> {
  try {
    await context.run`${script}`
  } catch (thrown) {
    if (!isSrvError(thrown)) throw thrown
    const { service, host } = context
    const problem = (thrown.output.findLast((line) => line.trim() !== '') ?? thrown.message).replace(/\.$/, '')
    const details = { service: service.name, host: host.name, problem }
    throw srvError('SRV-645', details, { where: { host: host.name }, output: thrown.output })
  }
}

async function send(context: Context, vault: Vault, id: string): Promise<void> {
  const { host, paths, options } = context
  const to = { folder: `${stagingOf(paths, context.runId)}/data`, alike: '../../data' }
  if (vault.on === host.name) {
    await onKeeper(context, vault, sendScript(vault, id, options, { ...to, isRemote: false }))
    return
  }
  const script = sendScript(vault, id, options, { ...to, isRemote: true })
  const { end, stderr } = await context.bridge({ on: vault.on, script })
  if (end.kind === 'exit' && end.code === 0) return
  const problem = end.kind === 'exit' ? `rsync ended with exit code ${String(end.code)}` : `it was ${end.kind}`
  const details = { service: context.service.name, host: host.name, problem }
  throw srvError('SRV-645', details, { where: { host: host.name }, output: stderr.split('\n').slice(-20) })
}

/** Brings a snapshot to its host, beside the data that serve: verified before, and nothing is touched yet. */
export function stageTask(task: TaskMaker<Options, Settings>, options: Options) {
  return task({
    title: 'Bring the snapshot',
    on: 'instance',
    applies: speaks,
    also: ({ host }) => keepersOf(options, host),
    flags,
    describe: (context) => `verify the newest good snapshot in ${where(vaultOf(context))} and bring it`,
    undo: (context) => sh`rm -rf ${stagingOf(context.paths, context.runId)}`,
    async run(context: Context): Promise<string> {
      const vault = vaultOf(context)
      const snapshot = await chosenIn(context, vault, context.flags)
      await assertOlder(context, snapshot)
      context.progress(`verifying ${snapshot.id}`)
      await assertIntact(context, vault, snapshot, 'full')
      await here(context, prepareScript(context.paths, context.runId, snapshot.bytes))
      context.progress(`bringing ${snapshot.id}: ${String(snapshot.files)} files`)
      await send(context, vault, snapshot.id)
      return snapshot.id
    },
  })
}

/**
 * Stops the service, puts the snapshot in the place of its data, and starts exactly what ran. When the service is not
 * healthy then, the same way leads back.
 */
export function swapTask(task: TaskMaker<Options, Settings>, stage: ReturnType<typeof stageTask>) {
  const around = (context: Pick<Context, 'hold' | 'resume'>, script: Script): Script =>
    lines(context.hold('stop'), script, context.resume())
  return task({
    title: 'Put the data in place',
    on: 'instance',
    applies: speaks,
    activates: true,
    describe: ({ paths }) =>
      `stop the service, keep its data as ${paths.data}.before-<run>, and start it with the snapshot`,
    undo(context) {
      const id = context.output(stage)
      return id === undefined ? undefined : around(context, swapBackScript(context.paths, context.runId))
    },
    script(context) {
      const id = context.output(stage)
      return id === undefined ? undefined : around(context, swapScript(context.paths, context.runId))
    },
  })
}
