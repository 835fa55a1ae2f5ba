import type { Host } from '../config/resolved.ts'
import { isSrvError, srvError, type SrvError } from '../error/srv-error.ts'
import { printError } from '../report/print-error.ts'
import { uninterrupted, type Waiting } from '../run/interrupted.ts'
import { worst } from '../run/outcome.ts'
import { addKnownHost, presentedHostKey, type PresentedKey } from '../transport/ssh/trust.ts'
import { ask } from './ask.ts'
import { documentError } from './documents.ts'
import type { GlobalOptions } from './global-options.ts'
import type { Io } from './io.ts'
import { printDocument } from './print-document.ts'

/** The options of `srv hosts`. */
export interface TrustOptions extends GlobalOptions {
  readonly yes?: boolean
}

function waitingFor({ name }: Host): Waiting {
  return { until: `the key of ${name} was trusted`, left: 'Keys that were added before stay.' }
}

async function confirmed(
  io: Io,
  { host, name, shown }: PresentedKey,
  yes: boolean,
  waiting: Waiting,
): Promise<boolean> {
  io.stderr.write(`${host}: ${name} shows ${shown}\n`)
  if (yes) return true
  const question = 'Compare it on the host (ssh-keygen -lf). Trust it? [y/N] '
  return /^y(es)?$/i.test((await ask(io, question, { isShown: true, waiting })).trim())
}

/** Asks one host for its key, and whoever sits there about that; it says whether the key was added. */
async function trustOne(host: Host, yes: boolean, io: Io): Promise<boolean> {
  const { signal } = io
  const waiting = waitingFor(host)
  const warn = (message: string): void => {
    io.stderr.write(`! ${message}\n`)
  }
  const key = await uninterrupted(presentedHostKey(host, { warn, signal }), signal, waiting)
  if (key.judgement === 'trusted') {
    io.stderr.write(`${host.name}: ${key.shown} is already trusted.\n`)
    return false
  }
  if (key.judgement !== 'unknown') {
    throw srvError(
      'SRV-227',
      { host: host.name, shown: key.shown, expected: key.expected, file: key.file, name: key.name },
      { where: { host: host.name } },
    )
  }
  if (!(await confirmed(io, key, yes, waiting))) {
    io.stderr.write(`${host.name}: not trusted, nothing was written.\n`)
    return false
  }
  await addKnownHost(key)
  io.stderr.write(`${host.name}: added to ${key.file}\n`)
  return true
}

/**
 * Asks some hosts for their keys, one after the other, and adds those that a person trusts. A host that cannot be asked, or
 * whose key has changed, does not keep the others from it, and is told in the end.
 */
export async function trustHosts(hosts: readonly Host[], options: TrustOptions, io: Io): Promise<number> {
  const { yes = false, verbose } = options
  // Trust is given by a person who compared the fingerprint, or by whoever wrote --yes; never by silence.
  if (!io.stdin.isTTY && !yes) {
    throw srvError('SRV-100', { problem: 'There is no terminal to ask on: compare the fingerprints, then add --yes.' })
  }
  if (hosts.length === 0) io.stderr.write('No host here has a key that needs to be trusted.\n')
  const errors: SrvError[] = []
  let added = 0
  for (const host of hosts) {
    try {
      if (await trustOne(host, yes, io)) added++
    } catch (thrown) {
      if (!isSrvError(thrown) || thrown.code === 'SRV-516') throw thrown
      errors.push(thrown)
    }
  }
  const document = { schema: 'srv.hosts.trust/1', added, errors: errors.map((error) => documentError(error)) } as const
  // For people it was said on the way.
  printDocument(io, options, document, () => [])
  for (const error of errors) printError(error, { ...io, json: false, verbose })
  return worst(errors.map(({ exitCode }) => exitCode))
}
