import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { hasPrograms } from './programs.ts'

/** Types of host key that a test sshd can have. */
export type HostKeyType = 'ed25519' | 'rsa' | 'ecdsa'

/** What a test wants of its sshd. */
export interface SshdOptions {
  /** @default `['127.0.0.1']`; every address of 127.0.0.0/8 is one host, at most 16 of them */
  readonly addresses?: readonly string[]
  /** @default `['ed25519']` */
  readonly hostKeyTypes?: readonly HostKeyType[]
  /** Further lines of sshd_config: `MaxSessions 2`. */
  readonly config?: readonly string[]
  /** Blocks of sshd_config that begin with `Match`: they come last, for all that follows belongs to them. */
  readonly matches?: readonly string[]
  /** Public keys that may log in beside `clientKey`. */
  readonly authorized?: readonly string[]
  /** Let `clientKey` log in to every account, which takes root: its own folder is then readable by all. */
  readonly anyAccount?: boolean
}

/** A real OpenSSH server on loopback; whoever runs the tests logs in to it with `clientKey`. */
export interface Sshd {
  readonly port: number
  readonly addresses: readonly string[]
  /** The account to log in to: the one that runs the tests. */
  readonly user: string
  /** A folder of this server's own, removed by `stop`. */
  readonly folder: string
  /** Path of a private key that may log in. */
  readonly clientKey: string
  /** `type base64` of the host keys, for `hostKeys` of a host. */
  readonly hostKeys: readonly string[]
  /** Path of a known_hosts file with the keys of all addresses. */
  readonly knownHosts: string
  /** Writes an ssh_config with the given aliases, each with its options; known_hosts and, unless told, key are set. Returns its path. */
  sshConfig(
    aliases: Readonly<Record<string, Readonly<Record<string, string>>>>,
    options?: { readonly withKey: boolean },
  ): string
  /** Lets another key log in from now on; the answer ends that. */
  authorize(key: string): () => void
  /** Lets every key log in from now on for which this one has signed a certificate. */
  authorizeAuthority(key: string): void
  /** Log-ins that were accepted up to now. */
  logins(): number
  /** What sshd logged. */
  log(): string
  /** Ends every connection that is open now, as a cut link does. */
  cut(): void
  stop(): Promise<void>
}

/** Makes a key pair and returns the path of the private half. */
export function makeKey(path: string, type: HostKeyType = 'ed25519', passphrase = ''): string {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', `test-${type}`, '-f', path])
  return path
}

/** `type base64` of a key pair. */
export function publicHalf(path: string): string {
  return readFileSync(`${path}.pub`, 'utf8').trim().split(' ').slice(0, 2).join(' ')
}

async function freePort(address: string): Promise<number> {
  const server = createServer().listen(0, address)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Process ids of the children of a process that are sshd themselves: with them a connection dies, and its commands do not. */
function sshdBelow(pid: number): readonly number[] {
  const found = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' })
  const rows = found.split('\n').map((line) => line.trim().split(/\s+/))
  return rows.flatMap(([child, parent, name]) =>
    Number(parent) === pid && name?.startsWith('sshd') === true ? [Number(child)] : [],
  )
}

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // Gone already.
  }
}

/**
 * A variable by which bash reads no ~/.bashrc of whoever runs the tests before each command: that may take longer than the
 * command. It is set unless a test has a `SetEnv` of its own, which takes the place of every other one.
 */
export const noBashrc = 'SHLVL=2'

const program = '/usr/sbin/sshd'

/** Whether this machine has an OpenSSH server to test with. */
export const hasSshd = hasPrograms('sshd', 'ssh-keygen')

async function listening(child: ChildProcess, log: () => string, count: number): Promise<void> {
  while (log().split('Server listening on').length - 1 < count) {
    if (child.exitCode !== null) throw new Error(`sshd ended:\n${log()}`)
    if (child.stderr === null) throw new Error('sshd without a log')
    await Promise.race([once(child.stderr, 'data'), once(child, 'exit')])
  }
}

/** Starts an sshd with keys, port and folder of its own, and waits until it listens. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const { addresses = ['127.0.0.1'], hostKeyTypes = ['ed25519'] } = options
  const folder = mkdtempSync(join(tmpdir(), 'srv-sshd-'))
  const { username: user } = userInfo()
  const hostKeyFiles = hostKeyTypes.map((type) => makeKey(join(folder, `host_${type}`), type))
  const clientKey = makeKey(join(folder, 'client'))
  const authorized = join(folder, 'authorized_keys')
  writeFileSync(authorized, [publicHalf(clientKey), ...(options.authorized ?? []), ''].join('\n'), { mode: 0o600 })
  if (options.anyAccount === true) {
    chmodSync(folder, 0o711)
    chmodSync(authorized, 0o644)
  }
  const port = await freePort(addresses[0] ?? '127.0.0.1')
  const configFile = join(folder, 'sshd_config')
  writeFileSync(
    configFile,
    [
      ...addresses.map((address) => `ListenAddress ${address}:${String(port)}`),
      ...hostKeyFiles.map((file) => `HostKey ${file}`),
      ...(options.config ?? []),
      `AuthorizedKeysFile ${authorized}`,
      'StrictModes no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'UsePAM no',
      'PermitRootLogin prohibit-password',
      'PidFile none',
      'MaxStartups 100:30:200',
      'LogLevel VERBOSE',
      ...(options.anyAccount === true ? [] : [`SetEnv ${noBashrc}`]),
      ...(options.matches ?? []),
      '',
    ].join('\n'),
  )
  // sshd wants this folder to be there when it runs as root; Debian makes it when the service starts.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const child = spawn(program, ['-D', '-e', '-f', configFile], { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const hostKeys = hostKeyFiles.map(publicHalf)
  const knownHosts = join(folder, 'known_hosts')
  const names = addresses.map((address) => `[${address}]:${String(port)}`).join(',')
  writeFileSync(knownHosts, hostKeys.map((key) => `${names} ${key}\n`).join(''))
  const pid = child.pid
  if (pid === undefined) throw new Error(`${program} could not be started`)
  try {
    await listening(child, () => log, addresses.length)
  } catch (error) {
    end(pid, 'SIGKILL')
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  let configs = 0
  return {
    port,
    addresses,
    user,
    folder,
    clientKey,
    hostKeys,
    knownHosts,
    sshConfig(aliases, { withKey } = { withKey: true }) {
      const path = join(folder, `ssh_config_${String(configs++)}`)
      const blocks = Object.entries(aliases).map(([alias, settings]) =>
        [`Host ${alias}`, ...Object.entries(settings).map(([name, value]) => `  ${name} ${value}`)].join('\n'),
      )
      const common = [
        'Host *',
        `  User ${user}`,
        `  Port ${String(port)}`,
        ...(withKey ? [`  IdentityFile ${clientKey}`] : []),
        '  IdentitiesOnly yes',
        '  IdentityAgent none',
        `  UserKnownHostsFile ${knownHosts}`,
        '  GlobalKnownHostsFile none',
      ]
      writeFileSync(path, [...blocks, common.join('\n'), ''].join('\n'), { mode: 0o600 })
      return path
    },
    authorize(key) {
      const before = readFileSync(authorized, 'utf8')
      writeFileSync(authorized, `${before}${publicHalf(key)}\n`)
      return () => {
        writeFileSync(authorized, before)
      }
    },
    authorizeAuthority(key) {
      appendFileSync(authorized, `cert-authority ${publicHalf(key)}\n`)
    },
    logins: () => log.split('\n').filter((line) => line.startsWith('Accepted publickey')).length,
    log: () => log,
    cut() {
      for (const connection of sshdBelow(pid)) {
        for (const inner of sshdBelow(connection)) end(inner, 'SIGKILL')
        end(connection, 'SIGKILL')
      }
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit')
        const connections = sshdBelow(pid)
        end(pid, 'SIGTERM')
        for (const connection of connections) end(connection, 'SIGTERM')
        await ended
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
