import { join } from 'node:path'
import type { Host } from '../../config/resolved.ts'
import { srvError } from '../../error/srv-error.ts'
import { askOpenssh, splitFiles, type OpensshConfig } from './openssh-config.ts'
import { fromText } from './public-key.ts'
import type { Route } from './route.ts'
import { expandHome, expandTokens, home, localUser } from './tokens.ts'

const defaultConnectTimeoutMs = 20_000

/** What is asked about a machine: a host of the config, or a jump host on the way to one. */
export interface Wanted {
  readonly name: string
  readonly isJump: boolean
  readonly address: string
  readonly user?: string
  readonly port?: number
  readonly key?: string
  readonly hostKeys: readonly string[]
  readonly sshConfig?: string
  /** Jump hosts that replace those of the ssh_config. */
  readonly jumps?: readonly string[]
  /** A sandbox host: the user's ssh_config does not apply to it. */
  readonly selfContained: boolean
}

/** A host of the config as a question. */
export function wantedOf(host: Host): Wanted {
  return { ...host, isJump: false, selfContained: host.kind === 'sandbox' }
}

/** A jump host, written `[user@]host[:port]` or `ssh://…`, as a question. */
export function wantedJump(spec: string, sshConfig: string | undefined, jumps: readonly string[] | undefined): Wanted {
  const [, user, bracketed, plain, port] =
    /^(?:ssh:\/\/)?(?:(.*)@)?(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?\/?$/.exec(spec) ?? []
  const address = bracketed ?? plain ?? spec
  return {
    name: address,
    isJump: true,
    address,
    hostKeys: [],
    selfContained: false,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(sshConfig === undefined ? {} : { sshConfig }),
    ...(jumps === undefined ? {} : { jumps }),
  }
}

function agentSocket(value: string | undefined): string | undefined {
  if (value === 'none') return undefined
  if (value === undefined || value === 'SSH_AUTH_SOCK') return process.env.SSH_AUTH_SOCK || undefined
  if (value.startsWith('$')) return process.env[value.slice(1).replace(/^\{(.*)\}$/, '$1')] || undefined
  return expandHome(value)
}

function common(wanted: Wanted) {
  return {
    name: wanted.name,
    isJump: wanted.isJump,
    pins: wanted.hostKeys.flatMap((text) => fromText(text) ?? []),
    ...(wanted.key === undefined ? {} : { requiredKey: expandHome(wanted.key) }),
    ...(wanted.sshConfig === undefined ? {} : { sshConfig: wanted.sshConfig }),
  }
}

function explicitRoute(wanted: Wanted): Route {
  const ssh = join(home(), '.ssh')
  const agent = agentSocket(undefined)
  const key = wanted.key === undefined ? undefined : expandHome(wanted.key)
  return {
    ...common(wanted),
    address: wanted.address,
    port: wanted.port ?? 22,
    user: wanted.user ?? localUser(),
    identityFiles: key === undefined ? ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(ssh, name)) : [key],
    identitiesOnly: key !== undefined,
    ...(agent === undefined || wanted.selfContained ? {} : { agent }),
    certificateFiles: [],
    jumps: wanted.jumps ?? [],
    knownHostsFiles: wanted.selfContained ? [] : [join(ssh, 'known_hosts'), '/etc/ssh/ssh_known_hosts'],
    connectTimeoutMs: defaultConnectTimeoutMs,
  }
}

function opensshRoute(wanted: Wanted, config: OpensshConfig): Route {
  const one = (keyword: string): string | undefined => {
    const value = config.get(keyword)?.[0]
    return value === 'none' || value === '' ? undefined : value
  }
  const address = one('hostname') ?? wanted.address
  const port = Number(one('port') ?? 22)
  const user = one('user') ?? localUser()
  const alias = one('hostkeyalias')
  const hostKeyAlias = alias === undefined ? {} : { hostKeyAlias: alias }
  const expand = (text: string): string =>
    expandHome(expandTokens(text, { address, port, user, original: wanted.address, ...hostKeyAlias }))
  const agent = agentSocket(config.get('identityagent')?.[0])
  const seconds = Number(one('connecttimeout') ?? 0)
  const files = (keyword: string): readonly string[] => splitFiles(config.get(keyword)?.[0] ?? '').map(expand)
  const proxyCommand = wanted.jumps === undefined ? one('proxycommand') : undefined
  return {
    ...common(wanted),
    ...hostKeyAlias,
    address,
    port,
    user,
    identityFiles:
      wanted.key === undefined
        ? (config.get('identityfile') ?? []).filter((file) => file !== 'none').map(expand)
        : [expandHome(wanted.key)],
    identitiesOnly: wanted.key !== undefined || one('identitiesonly') === 'yes',
    ...(agent === undefined ? {} : { agent }),
    certificateFiles: (config.get('certificatefile') ?? []).filter((file) => file !== 'none').map(expand),
    jumps: wanted.jumps ?? one('proxyjump')?.split(',') ?? [],
    ...(proxyCommand === undefined ? {} : { proxyCommand }),
    knownHostsFiles: [...files('userknownhostsfile'), ...files('globalknownhostsfile')],
    connectTimeoutMs: seconds > 0 ? seconds * 1000 : defaultConnectTimeoutMs,
  }
}

/**
 * Finds out how to connect to a machine: by `ssh -G`, or, where there is no ssh, by what the config says alone.
 *
 * @throws SrvError SRV-214 when OpenSSH refuses the address or its own config.
 */
export async function resolveRoute(wanted: Wanted, program?: string): Promise<Route> {
  if (wanted.selfContained) return explicitRoute(wanted)
  const asked = await askOpenssh({
    address: wanted.address,
    ...(wanted.user === undefined ? {} : { user: wanted.user }),
    ...(wanted.port === undefined ? {} : { port: wanted.port }),
    ...(wanted.sshConfig === undefined ? {} : { configFile: wanted.sshConfig }),
    ...(program === undefined ? {} : { program }),
  })
  switch (asked.kind) {
    case 'config':
      return opensshRoute(wanted, asked.config)
    case 'no-ssh':
      return explicitRoute(wanted)
    case 'refused': {
      const { name: host, address } = wanted
      throw srvError('SRV-214', { host, address, problem: asked.problem }, { where: { host } })
    }
  }
}
