import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env as environment, execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { App } from './app.ts'
import type { LabHost } from './global-setup.ts'
import { lab } from './hosts.ts'

/** How a run of srv ended, with all that it printed. */
export interface Outcome {
  /** The exit code, or the name of the signal that ended it. */
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

/** The last line of `--json`, as far as the tests read it. */
export interface RunEnd {
  readonly type: string
  readonly status: string
  readonly exit_code: number
  readonly serving: Readonly<Record<string, { readonly release: string | null; readonly state: string }>>
  readonly errors: readonly { readonly code: string; readonly message: string; readonly output: readonly string[] }[]
}

/** A project folder with a config, from which the built srv is run. */
export interface LabFolder {
  /** Also holds `tmp`, in which the runs have their temporary files. */
  readonly folder: string
  /** Runs the built srv in the project's folder, in an environment that holds nothing of the developer's. */
  srv(args: readonly string[], options?: { readonly env?: Readonly<Record<string, string>> }): Promise<Outcome>
  /** The same, for those that have something to do while it runs. */
  start(args: readonly string[]): ChildProcess
  remove(): void
}

/** A project folder with a config for the three hosts of the lab, and the app that it deploys to them. */
export interface LabProject extends LabFolder {
  readonly app: App
}

const repository = fileURLToPath(new URL('../..', import.meta.url))

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
  const folder = mkdtempSync(join(tmpdir(), 'srv-lab-'))
  const home = join(folder, 'home')
  for (const one of [home, join(folder, 'tmp')]) mkdirSync(one)
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(repository, join(folder, 'node_modules/srvkit'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }\n')
  writeFileSync(join(folder, 'srv.config.ts'), typeof config === 'string' ? config : config(folder))
  const program = join(repository, 'dist/src/bin.js')
  const own = {
    PATH: environment['PATH'] ?? '',
    HOME: home,
    TMPDIR: join(folder, 'tmp'),
    LANG: 'C.UTF-8',
    USER: 'tester',
  }
  return {
    folder,
    srv: (args, options = {}) => run([program, ...args], folder, { ...own, ...options.env }),
    start: (args) => spawn(execPath, [program, ...args], { cwd: folder, env: own, stdio: ['ignore', 'pipe', 'pipe'] }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Makes a project that deploys one service, which listens on `port`. */
export function labProject(service: string, port: number): LabProject {
  const made = labFolder(config(service, port))
  return { ...made, app: new App(join(made.folder, 'app')) }
}

function run(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code: code ?? signal ?? 'unknown', stdout, stderr }))
  })
}

/**
 * The last event of a run with `--json`.
 *
 * @throws Error with everything that was printed, when the last line is no `run.end`.
 */
export function runEnd(outcome: Outcome): RunEnd {
  const last = outcome.stdout.trimEnd().split('\n').at(-1) ?? ''
  if (!last.startsWith('{')) throw new Error(`No run.end in the last line.\n${outcome.stdout}\n${outcome.stderr}`)
  const event = JSON.parse(last) as RunEnd
  if (event.type !== 'run.end') throw new Error(`The last event is ${last}`)
  return event
}

/** Everything that a run printed: the message of an assertion about it. */
export function transcript({ stdout, stderr }: Outcome): string {
  return `stdout:\n${stdout}\nstderr:\n${stderr}`
}
