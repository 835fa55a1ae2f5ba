import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cleanEnvironment, timed } from '../measure/command.mjs'
import { makeProject, srvProgram } from '../measure/workplace.mjs'

/*
 * Each contender has the same three verbs: `backup` makes one more copy of the data, `restore` brings the newest one
 * back into `restored`, and `forget` removes all copies.
 */

/**
 * rsync alone with the flags of srv, into folders as deep as those of srv: rsync 3.5 looks at each part of the path that it
 * compares with, for each file.
 */
export function bare(folder, data) {
  const tank = join(folder, 'tank/here/shop')
  const restored = join(folder, 'restored')
  const keep = ['-aHSAX', '--numeric-ids', '--info=progress2']
  const tell = ['-ii', '--out-format==%i|%C|%B|%U|%G|%l|%M|%n|%L|%n', '--modify-window=-1', '--checksum-choice=xxh128']
  const newest = () => readdirSync(tank).sort().at(-1)
  let count = 0
  return {
    name: 'bare rsync',
    restored,
    forget() {
      rmSync(tank, { recursive: true, force: true })
      mkdirSync(tank, { recursive: true })
    },
    backup() {
      const last = newest()
      const compared = last === undefined ? [] : [`--link-dest=${join(tank, last, 'data')}`]
      const made = join(tank, String(++count).padStart(16, '0'))
      mkdirSync(made)
      return timed(['rsync', ...keep, ...tell, ...compared, `${data}/`, join(made, 'data')])
    },
    restore: () => timed(['rsync', ...keep, `${join(tank, newest(), 'data')}/`, restored]),
  }
}

/** `srv backup` and `srv restore`, on one machine: with manifest, checks, and everything verified before it is restored. */
export function srv(folder, data) {
  const home = join(folder, 'home')
  const tank = join(folder, 'tank')
  mkdirSync(home, { recursive: true })
  makeProject(
    folder,
    `import { defineConfig } from 'srvkit'
import { git } from 'srvkit/git'
import { rsyncBackup } from 'srvkit/rsync-backup'

export default defineConfig({
  environments: { production: { hosts: { here: { address: 'local', root: '${join(data, '../..')}' } } } },
  plugins: [git({ source: 'none' }), rsyncBackup({ to: '${tank}', checksumEvery: 1000 })],
  services: { shop: { instances: { native: { kind: 'native' } } } },
})
`,
  )
  const run = (...args) => timed([process.execPath, srvProgram, ...args], { cwd: folder, env: cleanEnvironment(home) })
  return {
    name: 'srv',
    // The data that serve are those that it puts back; what they were stays beside them.
    restored: undefined,
    forget: () => rmSync(tank, { recursive: true, force: true }),
    backup: () => run('backup', 'production'),
    restore: () => run('restore', 'production', '--confirm', 'shop@here'),
  }
}

/** From Debian, as borg is, with a repository without a password worth the name. */
export function restic(folder, data) {
  const repository = join(folder, 'repository')
  const restored = join(folder, 'restored')
  const env = { RESTIC_PASSWORD: 'bench', RESTIC_REPOSITORY: repository, RESTIC_CACHE_DIR: join(folder, 'cache') }
  const run = (...args) => timed(['restic', '--quiet', ...args], { env: cleanEnvironment(folder, env) })
  return {
    name: 'restic',
    restored,
    async forget() {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder, { recursive: true })
      await run('init')
    },
    backup: () => run('backup', data),
    restore: () => run('restore', 'latest', '--target', restored),
  }
}

/** A repository of borg, made and written with these words. */
function borgOf(name, folder, data, { init, create, passphrase }) {
  const repository = join(folder, 'repository')
  const restored = join(folder, 'restored')
  const env = cleanEnvironment(folder, {
    BORG_BASE_DIR: folder,
    BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes',
    ...(passphrase === undefined ? {} : { BORG_PASSPHRASE: passphrase }),
  })
  let count = 0
  return {
    name,
    restored,
    async forget() {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder, { recursive: true })
      await timed(['borg', 'init', ...init, repository], { env })
    },
    backup: () => timed(['borg', 'create', ...create, `${repository}::${++count}`, data], { env }),
    async restore() {
      mkdirSync(restored, { recursive: true })
      return timed(['borg', 'extract', `${repository}::${count}`], { env, cwd: restored })
    },
  }
}

/** Without encryption and compression, which rsync does not do to these bytes either. */
export function borg(folder, data) {
  return borgOf('borg', folder, data, { init: ['-e', 'none'], create: ['-C', 'none'] })
}

/** As its quick start has it, and as restic always is: encrypted, and compressed by lz4. */
export function borgEncrypted(folder, data) {
  return borgOf('borg, encrypted', folder, data, { init: ['-e', 'repokey'], create: [], passphrase: 'bench' })
}
