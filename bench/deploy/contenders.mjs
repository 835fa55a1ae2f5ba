import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cleanEnvironment, timed } from '../measure/command.mjs'
import { makeProject, srvProgram } from '../measure/workplace.mjs'

/*
 * Each contender makes the same update: fetch one new commit into a repository on each host, make a release folder of it,
 * switch `current` by a rename, record it, and keep the newest five.
 */

/** Folder on the hosts below which every contender has its own. */
export const rootOnHosts = '/srv/srv-bench'

/** `srv deploy`, and the same steps with all hosts at once, as the others do it: srv's own pipeline takes hosts in turn. */
export function srv(folder, { hosts, url }) {
  const home = join(folder, 'home')
  mkdirSync(home, { recursive: true })
  const named = hosts.map(({ name, ...host }) => [name, { ...host, root: `${rootOnHosts}/srv` }])
  const config = `import { defineConfig } from 'srvkit'
import { git } from 'srvkit/git'

export default defineConfig({
  environments: { production: { hosts: ${JSON.stringify(Object.fromEntries(named))} } },
  plugins: [git({ source: 'remote' })],
  services: { app: { repository: '${url}', instances: { native: { kind: 'native' } } } },
  pipelines: { together: ['git:resolve', 'git:fetch', 'git:switch', 'git:record', 'git:prune'] },
})
`
  makeProject(folder, config)
  const run = (pipeline) => () =>
    timed([process.execPath, srvProgram, pipeline, 'production', '--ref', 'main'], {
      cwd: folder,
      env: cleanEnvironment(home),
    })
  return [
    { name: 'srv deploy', run: run('deploy') },
    { name: 'srv, hosts at once', run: run('together') },
  ]
}

const bareScript = (url) => `set -eu
cd ${rootOnHosts}
[ -d bare ] || { git init --quiet --bare bare/repo; mkdir bare/releases; }
cd bare
git -C repo fetch --quiet ${url} +main:refs/heads/main
commit=$(git -C repo rev-parse main)
release=releases/$(date +%s%N)
mkdir "$release"
git -C repo archive main | tar -x -C "$release"
ln -s "$release" current.new
mv -T current.new current
echo "$(date) $commit $release" >>log
ls -d releases/* | head -n -5 | xargs -r rm -rf
`

/** One \`ssh host sh -s\` for each host, at the same time: nothing less can do it. */
export function bare(folder, { hosts, sshConfig, url }) {
  mkdirSync(folder, { recursive: true })
  const script = join(folder, 'update.sh')
  writeFileSync(script, bareScript(url))
  const lines = hosts.flatMap(({ name }) => [`ssh -F ${sshConfig} ${name} sh -s <${script} &`, 'pids="${pids:-} $!"'])
  const all = join(folder, 'all.sh')
  writeFileSync(all, `${lines.join('\n')}\nfor pid in $pids; do wait "$pid" || exit 1; done\n`)
  return { name: 'bare ssh', run: () => timed(['sh', all], { cwd: folder, env: cleanEnvironment(folder) }) }
}

/** Capistrano with its stock tasks and the git plugin. */
export function capistrano(folder, { hosts, sshConfig, url }) {
  mkdirSync(join(folder, 'config/deploy'), { recursive: true })
  writeFileSync(
    join(folder, 'Capfile'),
    "require 'capistrano/setup'\nrequire 'capistrano/deploy'\nrequire 'capistrano/scm/git'\ninstall_plugin Capistrano::SCM::Git\n",
  )
  writeFileSync(
    join(folder, 'config/deploy.rb'),
    `set :application, 'app'
set :repo_url, '${url}'
set :branch, 'main'
set :deploy_to, '${rootOnHosts}/capistrano'
set :keep_releases, 5
set :ssh_options, { config: ['${sshConfig}'], verify_host_key: :always }
set :format_options, log_file: nil
`,
  )
  const servers = hosts.map(({ name }) => `server '${name}', roles: %w{app}\n`)
  writeFileSync(join(folder, 'config/deploy/production.rb'), servers.join(''))
  const run = () => timed(['cap', 'production', 'deploy'], { cwd: folder, env: cleanEnvironment(folder) })
  return { name: 'Capistrano', run }
}

/** Shipit, from the folder that \`npm install shipit-cli shipit-deploy\` was run in. It clones here, and sends files with rsync. */
export function shipit(folder, { hosts, sshConfig, url }, installedIn) {
  const programs = join(folder, 'bin')
  mkdirSync(programs, { recursive: true })
  // It calls ssh and rsync without a way to name an ssh_config.
  writeFileSync(join(programs, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${sshConfig} "$@"\n`)
  chmodSync(join(programs, 'ssh'), 0o755)
  const settings = {
    deployTo: `${rootOnHosts}/shipit`,
    repositoryUrl: url,
    branch: 'main',
    keepReleases: 5,
    workspace: join(folder, 'workspace'),
    keepWorkspace: true,
  }
  writeFileSync(
    join(folder, 'shipitfile.js'),
    `module.exports = (shipit) => {
  require('${installedIn}/node_modules/shipit-deploy')(shipit)
  shipit.initConfig({
    default: ${JSON.stringify(settings)},
    production: { servers: ${JSON.stringify(hosts.map(({ name, user }) => `${user}@${name}`))} },
  })
}
`,
  )
  const env = cleanEnvironment(folder, { PATH: `${programs}:${process.env.PATH}` })
  const run = () =>
    timed([process.execPath, join(installedIn, 'node_modules/.bin/shipit'), 'production', 'deploy'], {
      cwd: folder,
      env,
    })
  return { name: 'Shipit', run }
}
