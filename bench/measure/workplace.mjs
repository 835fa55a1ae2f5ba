import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** This repository. */
export const repository = fileURLToPath(new URL('../..', import.meta.url))

/** The built command. */
export const srvProgram = join(repository, 'dist/src/bin.js')

/**
 * Runs `work` with a new folder and a list of what has to be undone, last first, also after a failure and after Ctrl-C.
 */
export async function inWorkplace(work) {
  const folder = mkdtempSync(join(tmpdir(), 'srv-bench-'))
  const undo = [() => rmSync(folder, { recursive: true, force: true })]
  const tidy = async () => {
    while (undo.length > 0) await undo.pop()()
  }
  const interrupted = () => {
    void tidy().finally(() => process.exit(130))
  }
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
  try {
    await work({ folder, later: (action) => undo.push(action) })
  } finally {
    await tidy()
  }
}

/** Makes a project that srv runs in, as `npm install --save-dev srvkit` leaves one. */
export function makeProject(folder, config) {
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  symlinkSync(repository, join(folder, 'node_modules/srvkit'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }\n')
  writeFileSync(join(folder, 'srv.config.ts'), config)
}

/** The number behind `--name` on the command line. */
export function numberOption(name, standard) {
  const at = process.argv.indexOf(`--${name}`)
  return at === -1 ? standard : Number(process.argv[at + 1])
}

/** The words behind `--name` on the command line, between commas; nothing when it is not given. */
export function listOption(name) {
  const at = process.argv.indexOf(`--${name}`)
  return at === -1 ? undefined : process.argv[at + 1].split(',')
}
