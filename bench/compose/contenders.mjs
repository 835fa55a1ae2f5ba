import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cleanEnvironment, timed } from '../measure/command.mjs'
import { makeProject, srvProgram } from '../measure/workplace.mjs'
import { writeProject } from './project.mjs'

/*
 * Each contender sends the files of one new version to the host, builds it there and replaces the container of the one
 * service that changed.
 */

/** Folder on the host for the one that has no place of its own. */
export const bareOnHost = '/srv/srv-bench-bare'

/** The files over one connection, and what Compose itself does with them: nothing less can do it. */
export function bare(folder, { host, sshConfig }, port) {
  const app = join(folder, 'app')
  const script = join(folder, 'update.sh')
  mkdirSync(folder, { recursive: true })
  const remote = `mkdir -p ${bareOnHost} && tar -x -C ${bareOnHost} && cd ${bareOnHost} && docker compose -p srv-bench-bare up -d --build --wait`
  writeFileSync(script, `tar -C ${app} -c . | ssh -F ${sshConfig} ${host.name} '${remote}'\n`)
  return {
    name: 'bare compose',
    port,
    write: (version) => writeProject(app, version, port),
    run: () => timed(['sh', script], { cwd: folder, env: cleanEnvironment(folder) }),
  }
}

/** `srv deploy`, which watches what it started for `monitorMs`. */
export function srv(folder, { host }, port, monitorMs) {
  const home = join(folder, 'home')
  mkdirSync(home, { recursive: true })
  const { name, ...rest } = host
  makeProject(
    folder,
    `import { defineConfig } from 'srvkit'
import { git } from 'srvkit/git'
import { dockerCompose } from 'srvkit/docker-compose'

export default defineConfig({
  environments: { production: { hosts: { '${name}': ${JSON.stringify(rest)} } } },
  plugins: [git({ source: 'files' }), dockerCompose({ monitorMs: ${monitorMs} })],
  services: { 'srv-bench': { instances: { docker: { kind: 'docker', git: { path: 'app' } } } } },
})
`,
  )
  return {
    name: 'srv deploy',
    port,
    write: (version) => writeProject(join(folder, 'app'), version, port),
    run: () =>
      timed([process.execPath, srvProgram, 'deploy', 'production'], { cwd: folder, env: cleanEnvironment(home) }),
  }
}
