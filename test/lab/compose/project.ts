import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { LabHost } from '../global-setup.ts'
import { lab, onHost } from '../hosts.ts'
import { inventoryText, labFolder, runEnd, type LabFolder, type Outcome } from '../project.ts'
import { writeComposeProject, type Version } from './app.ts'

/** A project that deploys one compose project, from a folder that is in no repository. */
export interface ComposeProject extends LabFolder {
  /** Writes a version and deploys it. */
  deploy(version: string, options?: Version, ...args: readonly string[]): Promise<Outcome>
  /** Writes a version. */
  write(version: string, options?: Version): void
}

/** What a config says of the instance beside where it comes from. */
export interface ComposeConfig {
  /** @default the first of those for containers */
  readonly hosts?: readonly LabHost[]
  /** The log-in user. @default that of the lab */
  readonly user?: string
  /** Settings of the plugin for the instance. */
  readonly compose?: string
  /** Further lines of the instance. */
  readonly instance?: string
  /** Options of the plugin. @default not watched for longer than three samples take */
  readonly options?: string
  readonly services?: string
  /** Further settings of the environment. */
  readonly environment?: string
  /** Where its code comes from: what git is told, and a repository. @default the files of `app` */
  readonly git?: string
  readonly repository?: (folder: string) => string
}

/** Makes a project with one docker instance of this service. */
export function composeProject(service: string, config: ComposeConfig = {}): ComposeProject {
  const {
    hosts = [first()],
    user,
    compose = '',
    instance = '',
    options = 'monitorMs: 0, drainMs: 500',
    services = '',
    environment = '',
    git = `source: 'files', path: 'app'`,
    repository,
  } = config
  const text = (folder: string): string => `import { defineConfig, http, swarm } from 'srvkit'
import { git } from 'srvkit/git'
import { dockerCompose } from 'srvkit/docker-compose'

export default defineConfig({
  environments: { production: { ${environment} hosts: ${inventoryText(hosts, user)} } },
  plugins: [git(), dockerCompose({ ${options} })],
  services: {
    '${service}': {
      ${repository === undefined ? '' : `repository: '${repository(folder)}',`}
      instances: { docker: { kind: 'docker', git: { ${git} }, compose: { ${compose} }, ${instance} } },
    },
    ${services}
  },
})
`
  const made = labFolder(text)
  const write = (version: string, options: Version = {}): void => {
    writeComposeProject(join(made.folder, 'app'), version, options)
  }
  return {
    ...made,
    write,
    deploy(version, options, ...args) {
      write(version, options)
      return made.srv(['deploy', 'production', '--json', ...args])
    },
  }
}

/** Lets a project build on this machine: its runs have a home of their own, where docker looks for Compose. */
export function allowBuilds({ folder }: LabFolder): void {
  const plugins = join(folder, 'home/.docker/cli-plugins')
  mkdirSync(plugins, { recursive: true })
  symlinkSync(lab().compose, join(plugins, 'docker-compose'))
}

/** The first of the hosts for containers. */
export function first(): LabHost {
  return lab().engines[0]
}

/** The second of them. */
export function second(): LabHost {
  return lab().engines[1]
}

/** How many commands sshd of a host has begun, for all who log in there or for one of them. */
export async function commandsOn(host: LabHost, user = ''): Promise<number> {
  return Number(await onHost(host, `journalctl -q -t sshd | grep -c 'Starting session: command for ${user}' || :`))
}

/**
 * Makes an account that may use Docker and deploy one service, for a test whose log-ins must not be taken for those of others. Its
 * number is none of the accounts of this machine, which end with all processes of theirs, and hosts of the lab are containers.
 */
export async function makeAccount(host: LabHost, user: string, service: string): Promise<void> {
  await removeAccount(host, user)
  await onHost(
    host,
    `useradd -m -s /bin/sh -K UID_MIN=40000 -K UID_MAX=49999 -G docker ${user}
cp -r /home/deploy/.ssh /home/${user}/
mkdir -p /srv/${service}
chown -R ${user}: /home/${user}/.ssh /srv/${service}`,
  )
}

/** Takes it away, if it is there. */
export async function removeAccount(host: LabHost, user: string): Promise<void> {
  await onHost(host, `! id ${user} >/dev/null 2>&1 || userdel -rf ${user} 2>/dev/null`)
}

/** What serves on each host after a run, by `service/instance@host`. */
export function statesOf(outcome: Outcome): Record<string, string> {
  return Object.fromEntries(Object.entries(runEnd(outcome).serving).map(([id, { state }]) => [id, state]))
}

/** All that errors of a run say, with the output that they carry. */
export function saidBy(outcome: Outcome): string {
  return runEnd(outcome)
    .errors.flatMap(({ message, output }) => [message, ...output])
    .join('\n')
}

/** The containers of a project, a line each: service, state and id. */
export async function containers(host: LabHost, project: string): Promise<readonly string[]> {
  const format = '{{.Label "com.docker.compose.service"}} {{.State}} {{.ID}}'
  const said = await onHost(
    host,
    `docker ps -a --filter label=com.docker.compose.project=${project} --format '${format}' | sort`,
  )
  return said === '' ? [] : said.split('\n')
}

/** Takes projects of Compose off the hosts of the lab, with their volumes, their images and what srv knows of them. */
export async function removeProjects(...services: readonly string[]): Promise<void> {
  const removal = (service: string): string =>
    `ids=$(docker ps -aq --filter label=com.docker.compose.project=${service}); [ -z "$ids" ] || docker rm -f $ids
docker network ls -q --filter label=com.docker.compose.project=${service} | xargs -r docker network rm
docker volume ls -q --filter label=com.docker.compose.project=${service} | xargs -r docker volume rm
docker image ls --format '{{.Repository}}:{{.Tag}}' 'srv/${service}-*' | xargs -r docker image rm -f
rm -rf /srv/${service}`
  const commands = services.map(removal).join('\n')
  await Promise.all([first(), second()].map((host) => onHost(host, commands)))
}
