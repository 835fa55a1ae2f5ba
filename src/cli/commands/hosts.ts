import type { Host } from '../../config/resolved.ts'
import { srvError } from '../../error/srv-error.ts'
import { didYouMean } from '../../error/suggest.ts'
import { hostLines } from '../../report/hosts.ts'
import { withGlobalOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { createCommand, parse } from '../parse.ts'
import { printDocument } from '../print-document.ts'
import { openProject } from '../project.ts'
import type { TrustOptions } from '../trust-hosts.ts'

function chosen(hosts: readonly Host[], names: readonly string[]): readonly Host[] {
  const known = hosts.map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw srvError('SRV-112', { name: unknown, suggestion: didYouMean(unknown, known) })
  return hosts.filter(({ kind, name }) => kind === 'ssh' && (names.length === 0 || names.includes(name)))
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
  const options = command.opts<TrustOptions>()
  const [action, environment, ...names] = command.args
  const { config } = await openProject(io, options.config, environment)
  if (action === 'trust') {
    const { trustHosts } = await import('../trust-hosts.ts')
    return trustHosts(chosen([...config.hosts, ...config.companions], names), options, io)
  }
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
  printDocument(io, options, document, hostLines)
  return 0
}
