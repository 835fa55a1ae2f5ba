import type { PublicKey } from './public-key.ts'

/** Everything that is needed to connect to one machine, with nothing left to look up in an ssh_config. */
export interface Route {
  /** Name of the host in the config; of a jump host, what the ssh_config calls it. */
  readonly name: string
  readonly isJump: boolean
  readonly address: string
  readonly port: number
  readonly user: string
  /** Key files in order of preference; those of an ssh_config may not exist. */
  readonly identityFiles: readonly string[]
  /** The `key` of the config: it must be usable. */
  readonly requiredKey?: string
  /** Whether agent keys count only when they belong to an identity file. */
  readonly identitiesOnly: boolean
  /** Socket of the agent. */
  readonly agent?: string
  readonly certificateFiles: readonly string[]
  /** Jump hosts as `[user@]host[:port]`, the last one is next to this machine. */
  readonly jumps: readonly string[]
  readonly proxyCommand?: string
  /** The ssh_config in which jump hosts are looked up, when it is not the user's own. */
  readonly sshConfig?: string
  readonly hostKeyAlias?: string
  /** Files with known host keys; the first is the one that new keys are added to. */
  readonly knownHostsFiles: readonly string[]
  /** Keys from the config, trusted beside those of the files. */
  readonly pins: readonly PublicKey[]
  /** Milliseconds for the whole of a connection and login. */
  readonly connectTimeoutMs: number
}

/** `user@address:port`, as people write it. */
export function routeText({ user, address, port }: Pick<Route, 'user' | 'address' | 'port'>): string {
  return `${user}@${address.includes(':') ? `[${address}]` : address}${port === 22 ? '' : `:${String(port)}`}`
}
