import {
  isSrvError,
  lines,
  raw,
  srvError,
  type ExecResult,
  type InstanceContext,
  type Script,
  type SrvError,
} from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import { causeOf } from '../scripts/meaning.ts'
import { notThere } from '../scripts/reading.ts'
import { vaultsOf, type Vault } from '../vault.ts'

/** What a task on a service's data works with, besides its flags. */
export type Place = Pick<
  InstanceContext<Options, Record<never, never>, Settings>,
  'options' | 'host' | 'service' | 'projectRoot' | 'at' | 'run' | 'probe' | 'watch'
>

/** The vaults of a task's service and host. */
export function vaultsIn({ options, host, service, projectRoot }: Place): readonly Vault[] {
  return vaultsOf(options, { host, service }, projectRoot)
}

/** Where snapshots are, for messages: `nas.example.org:/tank/srv/web1/shop`. */
export function where({ on, base }: Vault): string {
  return on === 'local' ? base : `${on}:${base}`
}

/** What every error of the plugin says about where it happened. */
export function kept({ service, host }: Place, vault: Vault) {
  return { service: service.name, host: host.name, where: where(vault) }
}

/** The keeper as a target; when it is the host of the service, that host's own target. */
export function keeperIn(context: Place, { on }: Pick<Vault, 'on'>): Pick<Place, 'run' | 'probe' | 'watch'> {
  return on === context.host.name ? context : context.at(on)
}

/** Runs shell text on the keeper that changes something there, up to the first command that fails. @throws SrvError SRV-640 with what it said */
export async function onKeeper(context: Place, vault: Vault, script: Script): Promise<string> {
  try {
    return (await keeperIn(context, vault).run`${lines(raw('set -eu'), script)}`).stdout
  } catch (thrown) {
    if (!isSrvError(thrown)) throw thrown
    throw failure(context, vault, problemOf(thrown), thrown.output)
  }
}

/**
 * Runs shell text on the keeper that only looks, up to the first command that fails. `answers` are the exit statuses that are
 * one; `onOutput` hears what it says while it runs.
 *
 * @throws SrvError SRV-667 where it could not look: that says nothing about what is kept there; SRV-665 when the snapshot that
 *   it asks about is gone
 */
export async function askKeeper(
  context: Place,
  vault: Vault,
  script: Script,
  answers: readonly number[] = [0],
  onOutput: (text: string) => void = () => undefined,
): Promise<ExecResult> {
  const result = await keeperIn(context, vault).watch(lines(raw('set -eu'), script), onOutput)
  const { end, stderr } = result
  if (end.kind === 'exit' && answers.includes(end.code)) return result
  if (end.kind === 'exit' && end.code === notThere) throw gone(context, vault, stderr)
  const output = withoutProgress(stderr).filter((line) => line.trim() !== '')
  const problem = end.kind === 'exit' ? (output.at(-1) ?? `exit status ${String(end.code)}`) : endWords(end)
  const details = { ...kept(context, vault), problem: problem.replace(/\.$/, '') }
  throw srvError('SRV-667', details, { where: { host: context.host.name }, output: output.slice(-20) })
}

/** The error of a snapshot that was there when it was chosen, and that its keeper says is not any more. */
export function gone(context: Place, vault: Vault, stderr: string): SrvError {
  const id = /^there is no snapshot (\S+) in /m.exec(stderr)?.[1] ?? ''
  return srvError('SRV-665', { ...kept(context, vault), id }, { where: { host: context.host.name } })
}

/** The lines of what a text said, but for those that told how far it was. */
export function withoutProgress(said: string): readonly string[] {
  return said.split('\n').filter((line) => !line.startsWith('progress '))
}

/** What an rsync said, without its progress: the last of it. */
export function saidBy(stderr: string): readonly string[] {
  return withoutProgress(stderr)
    .filter((line) => line !== '')
    .slice(-20)
}

/** How a command ended that did not come to its own end. */
export function endWords(end: Exclude<ExecResult['end'], { readonly kind: 'exit' }>): string {
  return end.kind === 'lost' ? `the connection was lost (${end.reason})` : `it was ${end.kind}`
}

/** The last thing that a command said, as a phrase. */
export function problemOf({ output, message }: SrvError): string {
  return (output.findLast((line) => line.trim() !== '') ?? message).replace(/\.$/, '')
}

/** Does what is left to do after a failure. If that fails too it is reported, and the first failure stays the error. */
export async function afterFailure(
  { progress }: Pick<InstanceContext, 'progress'>,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work()
  } catch (thrown) {
    if (!isSrvError(thrown)) throw thrown
    progress(`after the failure: ${thrown.message}`)
  }
}

/** The error of a copy that was not made. */
export function failure(
  context: Place,
  vault: Vault,
  problem: string,
  output: readonly string[] = [],
  cause?: unknown,
): SrvError {
  const { service, host } = context
  return srvError(
    'SRV-640',
    { ...kept(context, vault), problem: problem.replace(/\.$/, ''), ...causeOf(problem) },
    { where: { host: host.name, instance: service.name }, output, cause },
  )
}
