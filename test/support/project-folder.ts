import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { env as environment } from 'node:process'
import { fileURLToPath } from 'node:url'
import { startProgram, type Outcome, type Running } from './cli-run.ts'

/** The repository of srv itself, whose `dist` is tested. */
export const repository = fileURLToPath(new URL('../..', import.meta.url))

/** The built program. */
export const program = join(repository, 'dist/src/bin.js')

/** What one run differs in. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Folder to run in. @default the project's */
  readonly cwd?: string
}

/** A folder in which `srvkit` is installed, as a user's project is. */
export interface ProjectFolder {
  /** Its real path; `home` in it is the home of all runs. */
  readonly folder: string
  /** Writes a file of the project, and the folders above it. */
  writeFile(name: string, text: string): void
  /** Runs the built srv in the folder, in an environment that holds nothing of the developer's. */
  srv(args: readonly string[], options?: RunOptions): Promise<Outcome>
  /** The same, for those that have something to do while it runs. */
  start(args: readonly string[], options?: RunOptions): Running
  remove(): void
}

/**
 * Makes such a folder.
 *
 * @param name what it is for: a part of its name
 * @param options.manifest text of package.json; `undefined` for a project without one
 */
export function projectFolder(
  name: string,
  options: { readonly manifest: string | undefined } = { manifest: '{ "type": "module", "private": true }\n' },
): ProjectFolder {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `srv-${name}-`)))
  const start = (args: readonly string[], { env = {}, cwd = folder }: RunOptions = {}): Running =>
    startProgram([program, ...args], cwd, {
      PATH: environment['PATH'] ?? '',
      HOME: join(folder, 'home'),
      LANG: 'C.UTF-8',
      USER: 'tester',
      ...env,
    })
  const project: ProjectFolder = {
    folder,
    writeFile(file, text) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), text)
    },
    srv: (args, run) => start(args, run).outcome,
    start,
    remove() {
      rmSync(folder, { recursive: true, force: true })
    },
  }
  for (const one of ['home', 'node_modules']) mkdirSync(join(folder, one))
  symlinkSync(repository, join(folder, 'node_modules/srvkit'))
  if (options.manifest !== undefined) project.writeFile('package.json', options.manifest)
  return project
}
