import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env as environment } from 'node:process'
import { program, repository, type RunOptions } from './cli-project.ts'
import { startProgram, type Outcome, type Running } from './cli-run.ts'

/** A project whose host is a folder of this machine, reached without SSH. */
export interface LocalProject {
  readonly folder: string
  /** Runs the built srv in the project's folder, in an environment that holds nothing of the developer's. */
  srv(args: readonly string[], options?: RunOptions): Promise<Outcome>
  /** The same, for those that have something to do while it runs. */
  start(args: readonly string[], options?: RunOptions): Running
  /** Ids of the runs in the journal, oldest first. */
  runs(): readonly string[]
  remove(): void
}

function configText(folder: string, tasks: string, pipelines: string): string {
  const host = JSON.stringify({ address: 'local', root: join(folder, 'hosts/web1') })
  return `import { defineConfig, defineTask, secret, sh } from 'srvkit'

export default defineConfig({
  environments: { production: { hosts: { web1: ${host} } } },
  services: { app: { instances: { one: { kind: 'native' }, two: { kind: 'native' } } } },
  tasks: { ${tasks} },
  pipelines: { ${pipelines} },
})
`
}

/** Makes such a project with the host `web1`, the instances `app/one` and `app/two`, and tasks and pipelines of its own as source text. */
export function localProject(tasks: string, pipelines: string): LocalProject {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'srv-local-')))
  for (const name of ['home', 'node_modules', 'hosts/web1']) {
    mkdirSync(join(folder, name), { recursive: true })
  }
  symlinkSync(repository, join(folder, 'node_modules/srvkit'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }\n')
  writeFileSync(join(folder, 'srv.config.ts'), configText(folder, tasks, pipelines))
  const start = (args: readonly string[], { env = {}, cwd = folder }: RunOptions = {}): Running =>
    startProgram([program, ...args], cwd, {
      PATH: environment['PATH'] ?? '',
      HOME: join(folder, 'home'),
      LANG: 'C.UTF-8',
      USER: 'tester',
      ...env,
    })
  return {
    folder,
    srv: (args, options) => start(args, options).outcome,
    start,
    runs() {
      const runs = join(folder, '.srv/runs')
      // Ids know seconds only: runs of a test may share one.
      const begun = (id: string): string => JSON.parse(readFileSync(join(runs, id, 'run.json'), 'utf8')).started_at
      return readdirSync(runs).sort((left, right) => begun(left).localeCompare(begun(right)))
    },
    remove() {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
