import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const program = '/usr/sbin/sshd'

/** A port that nobody listens on. */
export async function freePort(address = '127.0.0.1') {
  const server = createServer().listen(0, address)
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/**
 * The user of the hosts: its shell is /bin/sh, since bash with a long start-up file costs more than what is measured.
 * Made and removed by the benchmark, which therefore runs as root.
 */
function makeUser(name, home, later) {
  execFileSync('useradd', ['--no-create-home', '--home-dir', home, '--shell', '/bin/sh', '--password', '*', name])
  later(() => {
    execFileSync('userdel', [name])
  })
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' })))
  mkdirSync(home)
  chownSync(home, uid, gid)
  return { uid, gid }
}

/**
 * One OpenSSH server that listens on all of 127.0.0.0/8, so that each address is a host. MaxStartups is raised from 10 to
 * 200: many of its hosts are logged in to at the same moment, and each would be a server of its own elsewhere.
 */
export async function startSshd(folder, later) {
  chmodSync(folder, 0o755)
  const user = `srvbench${process.pid}`
  const home = join(folder, 'hosts')
  const { uid, gid } = makeUser(user, home, later)
  const key = join(folder, 'key')
  const hostKeyFile = join(folder, 'host_key')
  for (const path of [key, hostKeyFile]) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path])
  const port = await freePort()
  const authorized = join(folder, 'authorized_keys')
  writeFileSync(authorized, readFileSync(`${key}.pub`))
  const configFile = join(folder, 'sshd_config')
  const config = [
    `Port ${port}`,
    'ListenAddress 0.0.0.0',
    `HostKey ${hostKeyFile}`,
    `AuthorizedKeysFile ${authorized}`,
    'StrictModes no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'PrintMotd no',
    'PrintLastLog no',
    'PidFile none',
    'MaxStartups 200:30:400',
  ]
  writeFileSync(configFile, `${config.join('\n')}\n`)
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const server = spawn(program, ['-D', '-e', '-f', configFile], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  server.stderr.setEncoding('utf8').on('data', (text) => {
    log += text
  })
  const ended = once(server, 'exit')
  later(async () => {
    server.kill()
    await ended
    endSessionsOf(user)
    await pause(200)
  })
  while (!log.includes('Server listening'))
    await Promise.race([once(server.stderr, 'data'), ended.then(() => refuse(log))])
  const hostKey = readFileSync(`${hostKeyFile}.pub`, 'utf8').trim().split(' ').slice(0, 2).join(' ')
  return { user, uid, gid, port, key, hostKey, home }
}

function refuse(log) {
  throw new Error(`${program} ended:\n${log}`)
}

/** Ends what is left of log-ins, so that their user can be removed. */
function endSessionsOf(user) {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,user:64='], { encoding: 'utf8' }).split('\n')
  for (const [pid, owner] of rows.map((row) => row.trim().split(/\s+/))) {
    if (owner !== user) continue
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // Gone already.
    }
  }
}
