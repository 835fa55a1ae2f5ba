import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Writes an ssh_config, and the known_hosts that belongs to it, for the contenders that read one: a host is `{ name,
 * address, port, user, key, hostKeys }`.
 */
export function writeSshConfig(folder, name, hosts) {
  const knownHosts = join(folder, `${name}_known_hosts`)
  const lines = hosts.flatMap(({ address, port, hostKeys }) =>
    hostKeys.map((key) => `${port === 22 ? address : `[${address}]:${port}`} ${key}\n`),
  )
  writeFileSync(knownHosts, lines.join(''))
  const blocks = hosts.map(({ name: alias, address, port, user, key }) =>
    [`Host ${alias}`, `HostName ${address}`, `Port ${port}`, `User ${user}`, `IdentityFile ${key}`].join('\n  '),
  )
  const common = [
    'Host *',
    'IdentitiesOnly yes',
    'IdentityAgent none',
    `UserKnownHostsFile ${knownHosts}`,
    'GlobalKnownHostsFile /dev/null',
    'StrictHostKeyChecking yes',
    'BatchMode yes',
    'LogLevel ERROR',
  ]
  const path = join(folder, `${name}_ssh_config`)
  writeFileSync(path, `${[...blocks, common.join('\n  ')].join('\n')}\n`, { mode: 0o600 })
  return path
}
