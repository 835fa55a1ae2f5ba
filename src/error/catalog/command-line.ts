import { entry } from '../entry.ts'

/** A name that does not exist, with what may have been meant. */
export interface Unknown {
  readonly name: string
  readonly suggestion: string
}

/**
 * 100, 111 to 113, 117 and 118: what was asked for on the command line does not exist; nothing was contacted.
 * 227: `srv hosts trust` found another key than the known one; nothing was written.
 */
export const commandLine = {
  'SRV-100': entry<{ readonly problem: string }>({
    message: ({ problem }) => `${problem} Nothing was contacted.`,
    hint: () => '`srv --help` lists the commands, `srv <command> --help` its options.',
    exitCode: 2,
  }),
  'SRV-111': entry<Unknown>({
    message: ({ name, suggestion }) =>
      `No service or instance is called ${name} here. ${suggestion} Nothing was contacted.`,
    hint: () => 'Name a service, or an instance as service/instance.',
    exitCode: 2,
  }),
  'SRV-112': entry<Unknown>({
    message: ({ name, suggestion }) =>
      `No host of this environment is called ${name}. ${suggestion} Nothing was contacted.`,
    hint: () => 'Hosts go by their names in the config, not by their addresses.',
    exitCode: 2,
  }),
  'SRV-113': entry<Unknown>({
    message: ({ name, suggestion }) =>
      `No host of this environment has the tag ${name}. ${suggestion} Nothing was contacted.`,
    hint: () => 'Tags are set on hosts in the config.',
    exitCode: 2,
  }),
  'SRV-117': entry<{
    readonly services: readonly string[]
    readonly hosts: readonly string[]
    readonly tags: readonly string[]
  }>({
    message: ({ services, hosts, tags }) =>
      `Nothing in this environment matches ${[...services, ...hosts.map((one) => `--host ${one}`), ...tags.map((one) => `--tag ${one}`)].join(' ')}. Nothing was contacted.`,
    hint: () => 'Choose hosts that have the service: `srv status` shows where each one runs.',
    exitCode: 2,
  }),
  'SRV-118': entry<{ readonly flag: string; readonly tasks: readonly string[] }>({
    message: ({ flag, tasks }) =>
      `The flag --${flag} is declared differently by ${tasks.join(' and ')}. Nothing was contacted.`,
    hint: () => 'Rename it in one of the tasks.',
    exitCode: 2,
  }),
  'SRV-227': entry<{
    readonly host: string
    readonly shown: string
    readonly expected: readonly string[]
    readonly file: string
    readonly name: string
  }>({
    message: ({ host, shown, expected, file }) =>
      `${host} shows ${shown}, but ${file} says ${expected.join(' or ') || 'that this key is revoked'}. No key of it was written.`,
    hint: ({ name, file }) =>
      `Find out why the key changed. If the host was reinstalled: ssh-keygen -R '${name}' -f ${file}, then trust it again.`,
    exitCode: 9,
  }),
}
