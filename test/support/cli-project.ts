import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { App } from './cli-app.ts'
import { endProcessesBelow, processesBelow } from './cli-processes.ts'
import { projectFolder, type ProjectFolder } from './project-folder.ts'
import type { Sshd } from './sshd.ts'

/** The parts of a config that a test may want to be different; each is a piece of its source. */
export interface ConfigParts {
  /** Imports and declarations before the config. */
  readonly head?: string
  /** Further hosts of the environment `production`, beside those of the project. */
  readonly hosts?: string
  /** Further environments. */
  readonly environments?: string
  /** Further plugins after git, or options of git: the whole list. @default `git()` */
  readonly plugins?: string
  /** Where the code comes from, in the service. @default the repository `./app`, which is pushed */
  readonly source?: string
  /** The health check. @default a command that asks the app over HTTP, with these limits */
  readonly health?: string
  /** Limits of that command. @default two samples, 100 ms apart */
  readonly limits?: string
  /** Settings of the instance beside start and health. */
  readonly instance?: string
  /** Further services. */
  readonly services?: string
  /** Further parts of the config: tasks, pipelines, hooks, override. */
  readonly further?: string
}

/** A project folder with a config, the app that it deploys, and the folders that are its hosts. */
export interface Project extends ProjectFolder {
  readonly app: App
  /** Path of the ssh_config that all hosts are looked up in. */
  readonly sshConfig: string
  /** Writes srv.config.ts. */
  configure(parts: ConfigParts): void
  host(name: string): HostFolder
  /** Ends every app that was started, and removes all folders. */
  remove(): void
}

/** What is on a host, looked at from behind srv's back. */
export class HostFolder {
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  path(...parts: readonly string[]): string {
    return join(this.root, 'app', ...parts)
  }

  /** The releases, oldest first. */
  releases(): readonly string[] {
    const folder = this.path('instances/native/releases')
    return existsSync(folder) ? readdirSync(folder).sort() : []
  }

  /** The release that `current` leads to. */
  current(): string | undefined {
    const link = this.path('instances/native/current')
    return existsSync(link) ? readlinkSync(link).replace('releases/', '') : undefined
  }

  /** Process id of the app's session. */
  pid(): number {
    return Number(readFileSync(this.path('.srv/native/pid'), 'utf8').split('\n')[0])
  }

  /** The port that the app found free. */
  port(): string {
    return readFileSync(this.path('data/port'), 'utf8')
  }

  /** What the app answers over HTTP, or nothing when nobody does. */
  async page(): Promise<unknown> {
    try {
      return await (await fetch(`http://127.0.0.1:${this.port()}/`)).json()
    } catch {
      return undefined
    }
  }

  /** Process ids of everything that runs for a service of this host. */
  processes(): readonly number[] {
    return processesBelow(this.root)
  }
}

/** `hosts` in the config for aliases of an ssh_config, with a folder each below `folder`. */
function inventory(names: readonly string[], folder: string, sshConfig: string): string {
  return JSON.stringify(
    Object.fromEntries(names.map((name) => [name, { address: name, sshConfig, root: join(folder, 'hosts', name) }])),
  )
}

/** The port is another one after each start. */
const ask = `'curl -fs -o /dev/null "http://127.0.0.1:$(cat "$SRV_DATA/port" 2>/dev/null)/"'`

function configText(hosts: string, parts: ConfigParts): string {
  const {
    head = '',
    plugins = '[git()]',
    source = `repository: './app',`,
    limits = '{ samples: 2, intervalMs: 100, timeoutMs: 10_000 }',
    health = `command(${ask}, ${limits})`,
  } = parts
  return `import { command, defineConfig, defineTask, http, process } from 'srvkit'
import { git } from 'srvkit/git'
${head}
export default defineConfig({
  environments: { production: { hosts: { ...${hosts}, ${parts.hosts ?? ''} } }, ${parts.environments ?? ''} },
  plugins: ${plugins},
  services: {
    app: {
      ${source}
      instances: {
        native: {
          kind: 'native',
          start: process({ exec: 'node app.mjs' }),
          health: ${health},
          ${parts.instance ?? ''}
        },
      },
    },
    ${parts.services ?? ''}
  },
  ${parts.further ?? ''}
})
`
}

/**
 * Makes a project whose hosts are addresses of one sshd, each with a folder of its own as its root.
 *
 * @param hosts names of hosts with further lines for ssh_config; the n-th host is the n-th address of the sshd
 */
export function cliProject(
  sshd: Sshd,
  hosts: Readonly<Record<string, Readonly<Record<string, string>>>> = { web1: {}, web2: {} },
): Project {
  const base = projectFolder('cli')
  const { folder } = base
  const names = Object.keys(hosts)
  for (const host of names) mkdirSync(join(folder, 'hosts', host), { recursive: true })
  const sshConfig = sshd.sshConfig(
    Object.fromEntries(
      names.map((name, index) => [name, { HostName: sshd.addresses[index] ?? '127.0.0.1', ...hosts[name] }]),
    ),
  )
  const project: Project = {
    ...base,
    app: new App(join(folder, 'app')),
    sshConfig,
    configure(parts) {
      base.writeFile('srv.config.ts', configText(inventory(names, folder, sshConfig), parts))
    },
    host: (name) => new HostFolder(join(folder, 'hosts', name)),
    remove() {
      endProcessesBelow(folder)
      base.remove()
    },
  }
  project.configure({})
  return project
}
