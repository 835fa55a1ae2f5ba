import type { Host } from '../../src/config/resolved.ts'
import type { Sshd } from './sshd.ts'

/** A host of the config for a test sshd: key and host keys are given, so that the user's own ~/.ssh has no say. */
export function hostOf(sshd: Sshd, settings: Partial<Host> = {}): Host {
  const address = sshd.addresses[0] ?? '127.0.0.1'
  return {
    name: 'web1',
    kind: 'ssh',
    address,
    port: sshd.port,
    user: sshd.user,
    key: sshd.clientKey,
    hostKeys: sshd.hostKeys,
    root: '/srv',
    tags: [],
    loopback: address,
    ...settings,
  }
}

/** A host that is looked up in an ssh_config that `sshd.sshConfig` wrote, by its alias. */
export function hostByAlias(alias: string, sshConfig: string): Host {
  return {
    name: alias,
    kind: 'ssh',
    address: alias,
    sshConfig,
    hostKeys: [],
    root: '/srv',
    tags: [],
    loopback: '127.0.0.1',
  }
}
