import { execFile, spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { mkdtemp, mkdir, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import type { Answer } from '../../../src/index.ts'
import { hasPrograms } from '../../support/programs.ts'

const exec = promisify(execFile)

/** Shells that hosts have and this machine too, each with the tools that come with it; where sh is dash, that one once. */
export const shells = (['/bin/sh', 'dash', 'bash --posix', 'busybox'] as const).filter((shell) =>
  shell === '/bin/sh' ? basename(realpathSync(shell)) !== 'dash' : hasPrograms(shell.split(' ')[0] ?? shell),
)

const environment = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.org',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.org',
  GIT_AUTHOR_DATE: '2026-11-22T12:00:00Z',
  GIT_COMMITTER_DATE: '2026-11-22T12:00:00Z',
}

/** A folder that is gone after the test. Its name has what a careless script trips over. */
export async function folder(): Promise<string> {
  const made = await realpath(await mkdtemp(join(tmpdir(), 'srv git\'s "$HOME" ')))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

/** Runs git and gives its output. */
export async function git(cwd: string, ...command: readonly string[]): Promise<string> {
  const { stdout } = await exec('git', command, { cwd, env: environment })
  return stdout.trim()
}

/** Writes files below a folder. */
export async function write(base: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(base, name)), { recursive: true })
    await writeFile(join(base, name), text)
  }
}

/** Makes a repository, or the next commit in it; the commit's id comes back. */
export async function commit(base: string, subject: string, files: Readonly<Record<string, string>>): Promise<string> {
  await git(base, 'init', '--quiet', '--initial-branch=main')
  await write(base, files)
  await git(base, 'add', '--all')
  await git(base, 'commit', '--quiet', '--allow-empty', `--message=${subject}`)
  return git(base, 'rev-parse', 'HEAD')
}

/** What a host differs in. */
export interface Machine {
  /** Further variables of the log-in user. */
  readonly env?: Readonly<Record<string, string>>
  /** A program that is not installed. */
  readonly without?: string
}

/** The folders of a PATH without one of the programs in them. */
async function pathWithout(path: string, program: string): Promise<string> {
  const rest = await folder()
  for (const one of path.split(':').filter((name) => existsSync(name))) {
    const names = (await readdir(one)).filter((name) => name !== program && !existsSync(join(rest, name)))
    await Promise.all(names.map((name) => symlink(join(one, name), join(rest, name))))
  }
  return rest
}

/** A shell on a host; with busybox its own tools come first, and only git is the machine's. */
export async function shellOf(
  name: (typeof shells)[number],
  { env = {}, without }: Machine = {},
): Promise<(script: string) => Promise<Answer>> {
  let path = without === undefined ? environment.PATH : await pathWithout(environment.PATH, without)
  if (name === 'busybox') {
    const applets = await folder()
    const { stdout } = await exec('busybox', ['--list'])
    const programs = stdout.split('\n').filter((program) => program !== '')
    await Promise.all(programs.map((program) => symlink('/usr/bin/busybox', join(applets, program))))
    path = `${applets}:${path}`
  }
  const [program = '', ...args] = name === 'busybox' ? ['busybox', 'sh'] : name.split(' ')
  return (script) =>
    new Promise((resolve, reject) => {
      const child = spawn(program, [...args, '-s'], { env: { PATH: path, HOME: '/nonexistent', ...env } })
      const said = { stdout: '', stderr: '' }
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
      child.on('error', reject)
      child.on('close', (code) => {
        resolve({ code: code ?? -1, ...said })
      })
      // As core sends it: in a subshell, under set -eu.
      child.stdin.end(`( set -eu\n${script}\n)\n`)
    })
}
