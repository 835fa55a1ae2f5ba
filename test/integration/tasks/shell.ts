import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import type { Script } from '../../../src/index.ts'
import { render } from '../../../src/shell/script.ts'
import { writeBusyboxFlock } from '../../support/busybox-flock.ts'

/** What a script left behind. */
export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A kind of host: which shell it has, and which programs. */
export interface Kind {
  readonly name: string
  readonly shell: readonly [string, ...string[]]
  readonly path: string
}

/** The folder with the programs of busybox; one serves all tests of a file. */
let busybox: string | undefined

// Not when this process exits: the one that runs the tests ends it before it could do anything.
afterAll(() => {
  if (busybox !== undefined) rmSync(busybox, { recursive: true, force: true })
})

function onlyBusybox(): string {
  if (busybox !== undefined) return busybox
  const folder = mkdtempSync(join(tmpdir(), 'srv-busybox-'))
  busybox = folder
  execFileSync('busybox', ['--install', '-s', folder])
  // busybox has no Node, and the apps of these tests are written in it.
  symlinkSync(process.execPath, join(folder, 'node'))
  writeBusyboxFlock(folder)
  return folder
}

function hasBusybox(): boolean {
  try {
    execFileSync('busybox', ['true'])
    return true
  } catch {
    return false
  }
}

/** Debian's dash with GNU tools, and busybox alone where this machine has it. */
export function kinds(): readonly Kind[] {
  const here = `${process.env['PATH'] ?? ''}:${dirname(process.execPath)}`
  const debian: Kind = { name: 'sh', shell: ['/bin/sh', '-s'], path: here }
  return hasBusybox() ? [debian, { name: 'busybox', shell: ['busybox', 'sh', '-s'], path: onlyBusybox() }] : [debian]
}

/** A script that runs, and leads a process group, as on a host. */
export interface Started {
  readonly group: number
  readonly ran: Promise<Ran>
}

/**
 * Runs a script as core sends it: in a subshell under `set -eu`, without standard input. It ends when all output was
 * closed, to which further descriptors lead as well: an app that kept one of them would keep an SSH channel open.
 */
export function startScript(
  script: Script | undefined,
  kind: Kind,
  secrets: Readonly<Record<string, string>> = {},
): Started {
  if (script === undefined) throw new Error('the task has no script here')
  const text = render(script, ({ name }) => secrets[name] ?? '')
  const [program, ...args] = kind.shell
  const child = spawn(program, args, { env: { PATH: kind.path, HOME: tmpdir() }, cwd: tmpdir(), detached: true })
  const said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (more: string) => (said.stdout += more))
  child.stderr.setEncoding('utf8').on('data', (more: string) => (said.stderr += more))
  child.stdin.end(`{\nexec </dev/null 3>&1 9>&2\n( set -eu\n${text}\n)\nexit "$?"\n}\n`)
  const ran = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exit) => {
      resolve({ code: exit ?? 255, ...said })
    })
  })
  if (child.pid === undefined) throw new Error(`${program} did not start`)
  return { group: child.pid, ran }
}

/** The same, and waits for its end. */
export function runScript(
  script: Script | undefined,
  kind: Kind,
  secrets: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return startScript(script, kind, secrets).ran
}
