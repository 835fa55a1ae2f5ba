import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { vi } from 'vitest'
import { freePort } from '../tasks/deployed.ts'

/** A database server on loopback, with a socket in a folder of its own. */
export interface Server {
  readonly folder: string
  readonly port: number
  /** Runs statements in one of its databases as its first user, and gives what they print. */
  ask(statements: string, database?: string): string
  stop(): void
}

/** Servers must not run as root, so that the tests start them as the users that their packages made. */
export const isRoot = userInfo().uid === 0

const path = `${env['PATH'] ?? ''}:/usr/sbin`

function as(user: string, words: readonly string[], input = ''): string {
  return execFileSync('runuser', ['-u', user, '--', ...words], {
    cwd: '/',
    input,
    encoding: 'utf8',
    env: { PATH: path },
  })
}

function folderOf(user: string): string {
  const folder = mkdtempSync(join(tmpdir(), `srv-${user}-`))
  execFileSync('chown', [user, folder])
  return folder
}

/** Folder of the programs of PostgreSQL, which Debian keeps off the PATH. */
export function postgresPrograms(): string | undefined {
  const versions = '/usr/lib/postgresql'
  const [version] = existsSync(versions) ? readdirSync(versions) : []
  return version === undefined ? undefined : join(versions, version, 'bin')
}

/** PostgreSQL: by socket for the Unix user postgres, by TCP with this password. */
export async function startPostgres(password: string): Promise<Server> {
  const programs = postgresPrograms() ?? ''
  const folder = folderOf('postgres')
  const port = await freePort()
  const secret = join(folder, 'password')
  writeFileSync(secret, password)
  chmodSync(secret, 0o644)
  const data = join(folder, 'cluster')
  as('postgres', [
    join(programs, 'initdb'),
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'scram-sha-256',
    '--auth-local=peer',
    `--pwfile=${secret}`,
    '-N',
  ])
  const options = `-k ${folder} -p ${String(port)} -c listen_addresses=127.0.0.1 -c fsync=off`
  as('postgres', [join(programs, 'pg_ctl'), '-w', '-D', data, '-l', join(folder, 'log'), '-o', options, 'start'])
  return {
    folder,
    port,
    ask: (statements, database = 'postgres') =>
      as(
        'postgres',
        ['psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', folder, '-p', String(port), '-d', database],
        statements,
      ).trim(),
    stop() {
      as('postgres', [join(programs, 'pg_ctl'), '-D', data, '-m', 'immediate', 'stop'])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** MariaDB with a user `backup` of this password. */
export async function startMariadb(password: string): Promise<Server> {
  const folder = folderOf('mysql')
  const port = await freePort()
  const data = join(folder, 'data')
  const socket = join(folder, 'socket')
  as('mysql', [
    'mariadb-install-db',
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=socket',
    '--auth-root-socket-user=mysql',
  ])
  const server = spawn(
    'mariadbd',
    [
      '--no-defaults',
      '--user=mysql',
      `--datadir=${data}`,
      `--socket=${socket}`,
      `--port=${String(port)}`,
      '--bind-address=127.0.0.1',
      `--pid-file=${folder}/pid`,
    ],
    { stdio: 'ignore', env: { PATH: path } },
  )
  const ask = (statements: string, database = 'mysql'): string =>
    as('mysql', ['mariadb', '--no-defaults', `--socket=${socket}`, '-BN', database], statements).trim()
  const made = processServer(server, { folder, port, ask })
  return upWith(made, async () => {
    await vi.waitFor(() => ask('select 1'), { timeout: 50_000 })
    // Without a name a user of the same host would come before ours.
    ask(`create user backup@'%' identified by '${password}'; grant all on *.* to backup@'%' with grant option;
drop user if exists ''@localhost; drop user if exists ''@'${hostname()}'`)
  })
}

/** Redis with this password. */
export async function startRedis(password: string): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'srv-redis-'))
  const port = await freePort()
  const server = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--requirepass', password],
    { stdio: 'ignore' },
  )
  const ask = (words: string): string =>
    execFileSync('redis-cli', ['-p', String(port), ...words.split(' ')], {
      encoding: 'utf8',
      env: { PATH: path, REDISCLI_AUTH: password },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  const made = processServer(server, { folder, port, ask })
  return upWith(made, () => vi.waitFor(() => ask('ping'), { timeout: 20_000 }))
}

function processServer(server: ChildProcess, place: Omit<Server, 'stop'>): Server {
  return {
    ...place,
    stop() {
      server.kill('SIGKILL')
      rmSync(place.folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** A server that does not come up is not left behind. */
async function upWith(server: Server, begin: () => Promise<unknown>): Promise<Server> {
  try {
    await begin()
    return server
  } catch (error) {
    server.stop()
    throw error
  }
}
