import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Running } from '../support/cli-run.ts'
import { projectFolder, type ProjectFolder, type RunOptions } from '../support/project-folder.ts'
import { App } from './app.ts'
import type { LabHost } from './global-setup.ts'
import { lab } from './hosts.ts'

export { runEnd, transcript, type Outcome } from '../support/cli-run.ts'

/** A project folder with a config; it also holds `tmp`, in which the runs have their temporary files. */
export type LabFolder = ProjectFolder

/** A project folder with a config for the three hosts of the lab, and the app that it deploys to them. */
export interface LabProject extends LabFolder {
  readonly app: App
}

/** Hosts of the lab as the config says it: `{ "srv-lab-1": … }`. */
export function inventoryText(hosts: readonly LabHost[], user = lab().user): string {
  const { key } = lab()
  return JSON.stringify(
    Object.fromEntries(hosts.map(({ name, address, hostKeys }) => [name, { address, user, key, hostKeys }])),
  )
}

function config(service: string, port: number): string {
  return `import { defineConfig, http, systemd } from 'srvkit'
import { git } from 'srvkit/git'

export default defineConfig({
  environments: { production: { hosts: ${inventoryText(lab().hosts)} } },
  plugins: [git()],
  services: {
    '${service}': {
      repository: './app',
      instances: {
        native: {
          kind: 'native',
          git: { source: 'push' },
          build: 'sh build.sh',
          start: systemd({ exec: '/bin/sh start.sh' }),
          health: http(':${String(port)}/', {
            samples: 4,
            intervalMs: Number(process.env.HEALTH_INTERVAL_MS ?? 200),
            timeoutMs: 20_000,
          }),
          env: { PORT: '${String(port)}' },
        },
      },
    },
  },
})
`
}

/** Makes a folder from which srv is run with this config, which may name the folder. */
export function labFolder(config: string | ((folder: string) => string)): LabFolder {
  const base = projectFolder('lab')
  const { folder } = base
  const TMPDIR = join(folder, 'tmp')
  mkdirSync(TMPDIR)
  base.writeFile('srv.config.ts', typeof config === 'string' ? config : config(folder))
  const start = (args: readonly string[], { env, ...options }: RunOptions = {}): Running =>
    base.start(args, { ...options, env: { TMPDIR, ...env } })
  return { ...base, start, srv: (args, options) => start(args, options).outcome }
}

/** Makes a project that deploys one service, which listens on `port`. */
export function labProject(service: string, port: number): LabProject {
  const made = labFolder(config(service, port))
  return { ...made, app: new App(join(made.folder, 'app')) }
}
