import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cleanEnvironment, timed } from '../measure/command.mjs'
import { measure } from '../measure/rounds.mjs'
import { printMachine, printTable, sayProgress } from '../measure/table.mjs'
import { inWorkplace, makeProject, numberOption, repository, srvProgram } from '../measure/workplace.mjs'

/*
 * What it costs to start: commands that contact no host, and `plan`, which asks the two sandbox hosts of this repository's
 * own config.   node bench/start/run.mjs [--rounds 15]
 */

const rounds = numberOption('rounds', 15)

/** A copy of the example project: the sandbox hosts of this clone stay as they are. */
function copyExample(folder) {
  const project = join(folder, 'project')
  mkdirSync(project)
  makeProject(project, readFileSync(join(repository, 'srv.config.ts'), 'utf8'))
  cpSync(join(repository, 'examples'), join(project, 'examples'), { recursive: true })
  const identity = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', '-c', 'init.defaultBranch=main']
  const git = (...args) => execFileSync('git', [...identity, ...args], { cwd: project })
  git('init', '--quiet')
  git('add', 'examples', 'srv.config.ts', 'package.json')
  git('commit', '--quiet', '--message', 'Example')
  return project
}

await inWorkplace(async ({ folder, later }) => {
  printMachine()
  const project = copyExample(folder)
  const home = join(folder, 'home')
  mkdirSync(home)
  const options = { cwd: project, env: cleanEnvironment(home) }
  const start = (...argv) => ({
    name: argv[0] === '-e' ? 'node -e 0' : `srv ${argv.join(' ')}`,
    run: async () =>
      (await timed([process.execPath, ...(argv[0] === '-e' ? argv : [srvProgram, ...argv])], options)).ms,
  })
  later(() => timed([process.execPath, srvProgram, 'sandbox', 'stop'], options))
  const contenders = [
    start('-e', '0'),
    start('--version'),
    start('--help'),
    start('tasks'),
    start('plan', 'production'),
  ]
  printTable('start', await measure(contenders, rounds, sayProgress), 'node -e 0')
  printMachine()
})
