import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../network/sshd.mjs'

const network = 'srv-lab'

function git(folder, ...args) {
  const identity = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', '-c', 'init.defaultBranch=main']
  return execFileSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8' }).trim()
}

/** Where the hosts of the lab see this machine. */
function gateway() {
  const format = '{{(index .IPAM.Config 0).Gateway}}'
  return execFileSync('docker', ['network', 'inspect', '-f', format, network], { encoding: 'utf8' }).trim()
}

async function listening(host, port) {
  for (let left = 100; left > 0; left--) {
    const isThere = await new Promise((resolve) => {
      const socket = connect({ host, port })
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isThere) return
    await pause(50)
  }
  throw new Error('git daemon does not listen')
}

/** A tiny repository that every contender fetches from the same place: `git daemon`, which needs no log-in. */
export async function serveApplication(folder, later) {
  const work = join(folder, 'application')
  const served = join(folder, 'served')
  mkdirSync(work)
  mkdirSync(served)
  git(work, 'init', '--quiet')
  git(served, 'init', '--quiet', '--bare', 'app.git')
  for (let file = 1; file <= 20; file++) writeFileSync(join(work, `file-${file}.txt`), `${'line\n'.repeat(50)}`)
  const address = gateway()
  const port = await freePort(address)
  const daemon = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-daemon')
  const options = ['--export-all', '--reuseaddr', `--base-path=${served}`, `--listen=${address}`, `--port=${port}`]
  const server = spawn(daemon, [...options, served], { stdio: 'ignore' })
  later(() => server.kill())
  let commits = 0
  const url = `git://${address}:${port}/app.git`
  const commit = () => {
    writeFileSync(join(work, 'version.txt'), `${++commits}\n`)
    git(work, 'add', '.')
    git(work, 'commit', '--quiet', '--message', `Version ${commits}`)
    git(work, 'push', '--quiet', join(served, 'app.git'), 'HEAD:refs/heads/main')
    return git(work, 'rev-parse', 'HEAD')
  }
  commit()
  git(join(served, 'app.git'), 'symbolic-ref', 'HEAD', 'refs/heads/main')
  await listening(address, port)
  return { url, commit, version: () => commits }
}
