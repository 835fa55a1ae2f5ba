import type { Host } from '../../config/resolved.ts'
import { srvError } from '../../error/srv-error.ts'
import { didYouMean } from '../../error/suggest.ts'
import { hostLines } from '../../report/hosts.ts'
import type { PresentedKey } from '../../transport/ssh/trust.ts'
import { withGlobalOptions, type GlobalOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { createCommand, parse } from '../parse.ts'
import { openProject } from '../project.ts'

interface HostsOptions extends GlobalOptions {
  readonly yes?: boolean
}

function chosen(hosts: readonly Host[], names: readonly string[]): readonly Host[] {
  const known = hosts.map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw srvError('SRV-112', { name: unknown, suggestion: didYouMean(unknown, known) })
  return hosts.filter(({ kind, name }) => kind === 'ssh' && (names.length === 0 || names.includes(name)))
}

async function confirmed(io: Io, { host, name, shown }: PresentedKey, yes: boolean): Promise<boolean> {
  io.stderr.write(`${host}: ${name} shows ${shown}\n`)
  if (yes) return true
  const { createInterface } = await import('node:readline/promises')
  const reader = createInterface({ input: io.stdin, output: io.stderr })
  try {
    return /^y(es)?$/i.test((await reader.question('Compare it on the host (ssh-keygen -lf). Trust it? [y/N] ')).trim())
  } finally {
    reader.close()
  }
}

async function trust(hosts: readonly Host[], options: HostsOptions, io: Io): Promise<number> {
  const { addKnownHost, presentedHostKey } = await import('../../transport/ssh/trust.ts')
  // Trust is given by a person who compared the fingerprint, or by whoever wrote --yes; never by silence.
  if (!io.stdin.isTTY && options.yes !== true) {
    throw srvError('SRV-100', { problem: 'There is no terminal to ask on: compare the fingerprints, then add --yes.' })
  }
  if (hosts.length === 0) io.stderr.write('No host here has a key that needs to be trusted.\n')
  let added = 0
  for (const host of hosts) {
    const key = await presentedHostKey(host, { warn: (message) => io.stderr.write(`! ${message}\n`) })
    if (key.judgement === 'trusted') {
      io.stderr.write(`${host.name}: ${key.shown} is already trusted.\n`)
      continue
    }
    if (key.judgement !== 'unknown') {
      throw srvError(
        'SRV-227',
        { host: host.name, shown: key.shown, expected: key.expected, file: key.file, name: key.name },
        { where: { host: host.name } },
      )
    }
    if (!(await confirmed(io, key, options.yes === true))) {
      io.stderr.write(`${host.name}: not trusted, nothing was written.\n`)
      continue
    }
    await addKnownHost(key)
    added++
    io.stderr.write(`${host.name}: added to ${key.file}\n`)
  }
  if (options.json === true) io.stdout.write(`${JSON.stringify({ schema: 'srv.hosts.trust/1', added })}\n`)
  return 0
}

/**
 * `srv hosts list <environment>` and `srv hosts trust <environment> [host…]`: which hosts there are, and the only way in
 * which srv ever adds a key to known_hosts. A changed key is never replaced: that is for a person to do.
 */
export async function hosts(argv: readonly string[], io: Io): Promise<number> {
  const { Argument } = await import('commander')
  const command = withGlobalOptions(createCommand('hosts', 'The hosts of an environment, and trust in their keys.', io))
    .addArgument(new Argument('<action>', 'what to do').choices(['list', 'trust']))
    .argument('<environment>', 'an environment of the config')
    .argument('[hosts...]', 'names of hosts; all by default')
    .option('-y, --yes', 'trust what the hosts show without asking: for machines that you just made')
  if (!parse(command, argv)) return 0
  const options = command.opts<HostsOptions>()
  const [action, environment, ...names] = command.args
  const { config } = await openProject(io, options.config, environment)
  if (action === 'trust') return trust(chosen([...config.hosts, ...config.companions], names), options, io)
  const document = {
    schema: 'srv.hosts/1',
    environment: config.environment,
    hosts: [...config.hosts, ...config.companions].map(({ name, kind, address, user, port, root, tags }) => ({
      name,
      kind,
      address,
      user: user ?? null,
      port: port ?? null,
      root,
      tags,
    })),
  } as const
  if (options.json === true) io.stdout.write(`${JSON.stringify(document)}\n`)
  else for (const line of hostLines(document, { stream: io.stdout, env: io.env })) io.stdout.write(`${line}\n`)
  return 0
}
