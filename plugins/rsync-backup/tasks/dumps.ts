import {
  isSrvError,
  lines,
  raw,
  sh,
  srvError,
  type InstanceContext,
  type Paths,
  type Script,
} from '../../../src/index.ts'
import { dumpsScript } from '../dumps/script.ts'
import type { Options, Settings } from '../options.ts'

/** What a task that makes dumps works with. */
type Dumping = Pick<
  InstanceContext<Options, Record<never, never>, Settings>,
  | 'settings'
  | 'paths'
  | 'runId'
  | 'service'
  | 'host'
  | 'inside'
  | 'run'
  | 'onRollback'
  | 'signal'
  | 'progress'
  | 'dryRun'
>

/** Where the dumps of a run are on the host until they are copied: next to the data, readable only by their owner. */
export function dumpFolder({ service }: Pick<Paths, 'service'>, runId: string): string {
  return `${service}/.dumps-${runId}`
}

/**
 * Shell text that makes the dumps of a service; nothing when it has none. What a run that died left goes first.
 *
 * @throws SrvError SRV-650 for one that is to be made in a container, where the service has none
 */
export function dumpText({
  settings,
  paths,
  runId,
  inside,
}: Pick<Dumping, 'settings' | 'paths' | 'runId' | 'inside'>): Script | undefined {
  const { dumps, dumpSeconds } = settings
  if (dumps.length === 0) return undefined
  return lines(
    sh`service=${paths.service}`,
    raw('for one in "$service"/.dumps-*; do rm -rf "$one"; done'),
    dumpsScript(dumps, { folder: dumpFolder(paths, runId), data: paths.data, inside, seconds: dumpSeconds }),
  )
}

/** Makes the dumps, and keeps them while something is done with them. @throws SrvError SRV-652 */
export async function withDumps(context: Dumping, text: Script | undefined, work: () => Promise<void>): Promise<void> {
  if (text === undefined) {
    await work()
    return
  }
  const remove = (): Promise<unknown> => context.run`rm -rf ${dumpFolder(context.paths, context.runId)}`
  // After an interrupt nothing more can be sent from here, except by an undo.
  context.onRollback(remove)
  try {
    if (!context.dryRun) context.progress('dumping')
    await make(context, text)
    await work()
  } finally {
    if (!context.signal.aborted) await remove()
  }
}

async function make({ run, service, host }: Dumping, text: Script): Promise<void> {
  try {
    await run`${text}`
  } catch (thrown) {
    // Without an exit status the command was cut off, which says nothing about a dump.
    if (!isSrvError(thrown) || thrown.code !== 'SRV-501') throw thrown
    const at = thrown.output.findIndex((line) => line.startsWith('the dump '))
    const problem = (thrown.output[Math.max(at, 0)] ?? thrown.message).replace(/[.:]$/, '')
    const details = { service: service.name, host: host.name, problem }
    throw srvError('SRV-652', details, { where: { host: host.name }, output: thrown.output.slice(at + 1) })
  }
}
