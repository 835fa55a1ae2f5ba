import { isSrvError, lines, raw, sh, srvError, type InstanceContext } from '../../../src/index.ts'
import { stillThere } from '../checks.ts'
import type { Options, Settings } from '../options.ts'
import { armScript, disarmScript } from '../scripts/timer.ts'

type Context = InstanceContext<Options, Record<never, never>, Settings>

/** How the text of core ends its complaint about an instance that runs again. */
const broughtBack = ' was brought back up too early'

/**
 * What ran before, when the service was held until now: a host that brought it back in the middle of it has let it write.
 *
 * @throws SrvError SRV-669
 */
async function ranQuietly(context: Context): Promise<string> {
  const { service, host, settings } = context
  try {
    return (await context.run`${lines(context.held(), stillThere(context, settings), context.ran())}`).stdout
  } catch (thrown) {
    if (!isSrvError(thrown) || !thrown.output.some((line) => line.endsWith(broughtBack))) throw thrown
    const details = { service: service.name, host: host.name, seconds: settings.holdSeconds }
    throw srvError('SRV-669', details, { where: { host: host.name, instance: service.name } })
  }
}

/** Copies the data while the service is kept from writing; whatever happens, what ran before runs again. Returns what that was. */
export async function quietly(context: Context, how: 'pause' | 'stop', work: () => Promise<void>): Promise<string> {
  const { service, host, paths, settings } = context
  const timed = { service: service.name, state: paths.state }
  const back = lines(raw('set -eu'), context.resume(), disarmScript(timed))
  const resume = async (): Promise<void> => {
    await context.run`${back}`
  }
  // A command that hangs would keep what is held from coming back.
  const { stopLeft } = context.lease({ actor: `timer@${host.name}`, pipeline: 'backup' })
  const alarm = armScript({ ...timed, resume: lines(stopLeft, context.resume()), seconds: settings.holdSeconds })
  const hold = context.hold(how)
  // After an interrupt nothing more can be sent from here, except by an undo.
  context.onRollback(resume)
  try {
    await context.run`${lines(raw('set -eu'), alarm, hold)}`
    await work()
    return await ranQuietly(context)
  } finally {
    if (!context.signal.aborted) await resume()
  }
}

/**
 * Has what was brought back prove that it serves.
 *
 * @throws SrvError SRV-657 with what it said: the snapshot is good all the same
 */
export async function assertBack(context: Context, how: 'pause' | 'stop', ran: string): Promise<void> {
  const { service, host, signal } = context
  if (ran === '' || signal.aborted) return
  const { end, stderr } = await context.probe`${lines(raw('set -eu'), sh`ran=${ran}`, context.proved(how))}`
  if (end.kind === 'exit' && end.code === 0) return
  const said = stderr.split('\n').filter((line) => line.trim() !== '')
  const [first = 'it did not answer', ...output] = said
  const details = { service: service.name, host: host.name, problem: first.trim().replace(/\.$/, '') }
  throw srvError('SRV-657', details, { where: { host: host.name, instance: service.name }, output: output.slice(-20) })
}
