import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accountsIn, type Account } from './accounts.ts'
import { cliProject, type Project } from './cli-project.ts'
import { startSshd, type Sshd } from './sshd.ts'
import { tcpLink, type TcpLink } from './tcp-link.ts'

/** A machine with an account of its own; srv gets there through a link that counts. */
export interface Machine {
  readonly sshd: Sshd
  readonly link: TcpLink
  readonly account: Account
  /** `user@address:port`, past the link. */
  readonly address: string
  /** How srv finds it, in the words of ssh_config. */
  readonly found: Readonly<Record<string, string>>
  /** Path of its authorized_keys. */
  readonly keys: string
  /** Folder whose programs are found before all others there. */
  readonly programs: string
  /** Gives files to its account. */
  give(...paths: readonly string[]): void
  /** Ends all that runs there, and leaves nothing. */
  remove(): Promise<void>
}

function endAll({ name }: Account): void {
  const { stdout } = spawnSync('ps', ['-u', name, '-o', 'pid='], { encoding: 'utf8' })
  for (const pid of stdout.split('\n').filter(Boolean).map(Number)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Gone already.
    }
  }
}

/** The folders of links that an account's runs left behind. */
function linksOf(uid: number): readonly string[] {
  return readdirSync('/tmp')
    .filter((name) => name.startsWith('srv-link-'))
    .map((name) => join('/tmp', name))
    .filter((folder) => statSync(folder, { throwIfNoEntry: false })?.uid === uid)
}

/** Starts a machine on a loopback address. */
export async function startMachine(name: string, address: string): Promise<Machine> {
  const programs = mkdtempSync(join(tmpdir(), 'srv-programs-'))
  chmodSync(programs, 0o755)
  const path = `${programs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`
  const config = ['AuthorizedKeysFile .ssh/authorized_keys', `SetEnv PATH=${path}`]
  const sshd = await startSshd({ addresses: [address], anyAccount: true, config })
  const accounts = accountsIn(sshd.folder)
  const account = accounts.make(name, '/bin/sh')
  const keys = join(account.home, '.ssh/authorized_keys')
  mkdirSync(join(account.home, '.ssh'), { mode: 0o700 })
  // Somebody's line, without a line feed at its end.
  writeFileSync(keys, readFileSync(`${sshd.clientKey}.pub`, 'utf8').trim(), { mode: 0o600 })
  const give = (...paths: readonly string[]): void => {
    execFileSync('chown', ['-R', `${account.name}:`, ...paths])
  }
  give(join(account.home, '.ssh'))
  const { uid } = statSync(account.home)
  const link = await tcpLink(sshd.port, address)
  return {
    sshd,
    link,
    account,
    keys,
    programs,
    give,
    address: `${account.name}@${address}:${String(sshd.port)}`,
    found: {
      HostName: '127.0.0.1',
      Port: String(link.port),
      User: account.name,
      IdentityFile: sshd.clientKey,
      UserKnownHostsFile: sshd.knownHosts,
      HostKeyAlias: `[${address}]:${String(sshd.port)}`,
    },
    async remove() {
      await link.stop()
      await sshd.stop()
      endAll(account)
      for (const folder of linksOf(uid)) rmSync(folder, { recursive: true, force: true })
      accounts.remove()
      rmSync(programs, { recursive: true, force: true })
    },
  }
}

/** A project whose host `web1` and keeper `nas` are two machines, which get to each other; the data are for the test to make. */
export function keptProject(host: Machine, keeper: Machine): Project {
  const project = cliProject(host.sshd, { web1: host.found, nas: keeper.found })
  for (const folder of ['', 'hosts', 'hosts/web1', 'tank', 'hosts/nas']) {
    mkdirSync(join(project.folder, folder), { recursive: true })
    chmodSync(join(project.folder, folder), 0o755)
  }
  keeper.give(join(project.folder, 'tank'), join(project.folder, 'hosts/nas'))
  return project
}
