import { entry } from '../entry.ts'

/** Which connection an error is about. */
export interface Destination {
  /** Name of the host in the config, or of the jump host. */
  readonly host: string
  readonly isJump: boolean
  readonly user: string
  readonly address: string
  readonly port: number
  /** The jump host that was in between, as `user@address:port`. */
  readonly via?: string
}

/** A connection on which a host presented a key. */
export interface HostKeyDestination extends Destination {
  /** `ED25519 SHA256:…` of the key that the host presented. */
  readonly shown: string
  readonly environment?: string
}

/** Who runs scripts on a host. */
export interface Account {
  /** Name of the host in the config. */
  readonly host: string
  readonly user: string
}

/** An account with which no script can be run. */
export interface UnusableAccount extends Account {
  /** How the shell or sudo ended: `ended with exit code 1`. */
  readonly ended: string
}

function at({ host, isJump, address, port, via }: Destination): string {
  const place = `${address.includes(':') ? `[${address}]` : address}:${String(port)}`
  return `${isJump ? 'jump host ' : ''}${host} (${place}${via === undefined ? '' : `, through ${via}`})`
}

/** The command that removes a key from known_hosts. It names no file when several may hold the key, or the config pins it. */
function forget({ address, port }: Destination, sources: readonly string[]): string {
  const [file, ...others] = sources
  const name = port === 22 ? address : `[${address}]:${String(port)}`
  return `ssh-keygen -R '${name}'${file?.startsWith('/') === true && others.length === 0 ? ` -f ${file}` : ''}`
}

function tryIt({ user, address, port, via }: Destination): string {
  const jump = via === undefined ? '' : `-J ${via} `
  return `ssh ${jump}${port === 22 ? '' : `-p ${String(port)} `}${user}@${address}`
}

/** A jump host is not in the config, so only OpenSSH can be told to trust it. */
function trust(to: HostKeyDestination): string {
  return to.isJump ? tryIt(to) : `srv hosts trust ${to.environment ?? '<environment>'} ${to.host}`
}

const list = (items: readonly string[]): string => items.map((item) => `  ${item}`).join('\n')
const tried = (labels: readonly string[]): string => (labels.length === 0 ? '' : `\nTried:\n${list(labels)}`)
const unreachable = { exitCode: 4 } as const
const refused = { exitCode: 9 } as const

/** 201 to 226, 231 and 232: a host could not be reached, logged in to, or identified. */
export const connection = {
  'SRV-201': entry<Destination>({
    message: (to) => `${at(to)}: the name ${to.address} does not resolve.`,
    hint: (to) => `Correct the address of ${to.host}, or check the name: \`getent hosts ${to.address}\`.`,
    ...unreachable,
  }),
  'SRV-202': entry<Destination>({
    message: (to) =>
      `${at(to)}: the connection was refused. The machine is there, but nothing listens on port ${String(to.port)}.`,
    hint: (to) => `Check that sshd is running, and on which port: \`${tryIt(to)}\`.`,
    ...unreachable,
  }),
  'SRV-203': entry<Destination & { readonly problem: string }>({
    message: (to) => `${at(to)}: the machine cannot be reached: ${to.problem}.`,
    hint: (to) => `Check the network, VPN or firewall between here and it: \`${tryIt(to)}\`.`,
    ...unreachable,
  }),
  'SRV-204': entry<Destination & { readonly seconds: number }>({
    message: (to) => `${at(to)}: no login within ${String(to.seconds)} s.`,
    hint: (to) => `Check the network, VPN or firewall between here and it: \`${tryIt(to)}\`.`,
    ...unreachable,
  }),
  'SRV-205': entry<Destination & { readonly problem: string; readonly attempts: number }>({
    message: (to) =>
      `${at(to)}: the connection broke before the login, ${to.attempts === 1 ? 'once' : `${String(to.attempts)} times`}: ${to.problem}.`,
    hint: (to) =>
      `See what the server says: \`${tryIt(to)} -v\`. Its MaxStartups or a ban (fail2ban) may be the reason.`,
    ...unreachable,
  }),
  'SRV-206': entry<Destination & { readonly problem: string }>({
    message: (to) => `${at(to)}: the SSH negotiation failed: ${to.problem}.`,
    hint: (to) => `See what the server offers: \`${tryIt(to)} -v\`.`,
    ...unreachable,
  }),
  'SRV-210': entry<Destination & { readonly tried: readonly string[]; readonly isCutOff?: boolean }>({
    message: (to) =>
      to.tried.length === 0
        ? `${at(to)}: there is no key to log in with as ${to.user}.`
        : `${at(to)}: the login as ${to.user} was refused${to.isCutOff === true ? `, and the server allows no more than ${String(to.tried.length)} keys to be tried` : ''}.${tried(to.tried)}`,
    hint: (to) =>
      to.isCutOff === true
        ? `Name the key of ${to.host}: \`key\` in the config, or IdentityFile and IdentitiesOnly in your ssh_config.`
        : to.tried.length === 0
          ? `Create a key with \`ssh-keygen -t ed25519\`, then copy it: \`ssh-copy-id ${to.user}@${to.address}\`.`
          : `Find out why: \`${tryIt(to)}\`. If that works, set the same user and key for ${to.host}.`,
    ...unreachable,
  }),
  'SRV-211': entry<Destination & { readonly keys: readonly string[]; readonly tried: readonly string[] }>({
    message: (to) =>
      `${at(to)}: the login as ${to.user} needs a key with a passphrase, and srv cannot ask for it:\n${list(to.keys)}`,
    hint: (to) => `Add it to your agent: \`ssh-add ${to.keys[0] ?? ''}\`.`,
    ...unreachable,
  }),
  'SRV-212': entry<{ readonly host: string; readonly path: string; readonly problem: string }>({
    message: ({ host, path, problem }) => `${host}: the key file ${path} cannot be used: ${problem}.`,
    hint: ({ path }) => `Correct the \`key\` of the host, or look at the file: \`ssh-keygen -y -f ${path}\`.`,
    exitCode: 2,
  }),
  'SRV-213': entry<Destination & { readonly needs: readonly string[]; readonly tried: readonly string[] }>({
    message: (to) =>
      `${at(to)}: the login as ${to.user} was refused, and srv cannot use what your ssh_config sets for it:\n${list(to.needs)}${tried(to.tried)}`,
    hint: (to) => `Give ${to.host} a plain key: certificates and FIDO keys work with ssh, but not yet with srv.`,
    ...unreachable,
  }),
  'SRV-214': entry<{ readonly host: string; readonly address: string; readonly problem: string }>({
    message: ({ host, address, problem }) => `${host}: OpenSSH cannot resolve ${address}: ${problem}.`,
    hint: ({ address }) => `Correct your ssh_config; \`ssh -G ${address}\` shows how OpenSSH reads it.`,
    exitCode: 2,
  }),
  'SRV-215': entry<UnusableAccount>({
    message: ({ host, user, ended }) =>
      `${host}: the login as ${user} works, but no command can run there: the shell ${ended} before the script began.`,
    hint: ({ host, user }) =>
      `Give ${user} a shell that runs commands: \`getent passwd ${user}\` on ${host} shows the one it has.`,
    ...unreachable,
  }),
  'SRV-216': entry<UnusableAccount>({
    message: ({ host, user, ended }) => `${host}: ${user} cannot become root there: sudo ${ended}.`,
    hint: ({ host, user }) =>
      `Allow it without a password, with a file in /etc/sudoers.d on ${host}: \`${user} ALL=(root) NOPASSWD: ALL\`.`,
    ...refused,
  }),
  'SRV-221': entry<HostKeyDestination>({
    message: (to) => `${at(to)}: its host key is not known here. It shows:\n  ${to.shown}`,
    hint: (to) =>
      `Compare it with the machine's own (\`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\` there), then \`${trust(to)}\`.`,
    ...refused,
  }),
  'SRV-222': entry<HostKeyDestination & { readonly known: readonly string[]; readonly sources: readonly string[] }>({
    message: (to) =>
      `${at(to)}: its host key has CHANGED. Either the machine was reinstalled, or somebody is intercepting the connection. No login was attempted.\n` +
      `known:\n${list(to.known)}\nshown:\n  ${to.shown}\nfrom: ${to.sources.join(', ')}`,
    hint: (to) =>
      `Before anything else, ask whoever runs ${to.host}. If the machine is new: \`${forget(to, to.sources)}\`, then \`${trust(to)}\`.`,
    ...refused,
  }),
  'SRV-223': entry<HostKeyDestination>({
    message: (to) => `${at(to)}: it shows a host key that is revoked here. No login was attempted.\n  ${to.shown}`,
    hint: (to) => `Give ${to.host} a new host key: this one is marked @revoked in known_hosts.`,
    ...refused,
  }),
  'SRV-224': entry<{ readonly host: string; readonly path: string; readonly problem: string }>({
    message: ({ host, path, problem }) =>
      `${host}: the known host keys cannot be read from ${path}: ${problem}. No login was attempted.`,
    hint: ({ path }) => `Make the file readable; \`ls -l ${path}\` shows its mode.`,
    ...refused,
  }),
  'SRV-225': entry<HostKeyDestination>({
    message: (to) =>
      `${at(to)}: your known_hosts trusts it through a certificate authority, and srv cannot check host certificates. It shows:\n  ${to.shown}`,
    hint: (to) => `Trust its plain key as well: \`${trust(to)}\`.`,
    ...refused,
  }),
  'SRV-231': entry<Destination & { readonly jump: string; readonly problem: string }>({
    message: (to) => `${at(to)}: the jump host ${to.jump} could not connect to it: ${to.problem}.`,
    hint: (to) =>
      `Try it from there: \`nc -vz ${to.address} ${String(to.port)}\`. AllowTcpForwarding may also be off on the jump host.`,
    ...unreachable,
  }),
  'SRV-232': entry<Destination & { readonly command: string; readonly problem: string }>({
    message: (to) => `${at(to)}: its ProxyCommand ended: ${to.problem}.\n  ${to.command}`,
    hint: (to) => `Try it with OpenSSH: \`${tryIt(to)}\`.`,
    ...unreachable,
  }),
  'SRV-226': entry<{ readonly path: string; readonly problem: string }>({
    message: ({ path, problem }) => `The host key could not be added to ${path}: ${problem}.`,
    hint: ({ path }) => `Make the file writable for your user; \`ls -l ${path}\` shows its mode.`,
    exitCode: 2,
  }),
}
