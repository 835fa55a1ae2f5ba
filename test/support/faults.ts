import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { expect } from 'vitest'
import { noBashrc } from './sshd.ts'

/** Programs that the texts of backups and restores start, and that can be stopped. */
export const stoppable = ['awk', 'cp', 'curl', 'ln', 'mkdir', 'mv', 'rm', 'rsync', 'sha256sum', 'sync']

/**
 * Text that stands in front of a program. Where the pattern in `at` says so, it stops: before the program begins, or, with a number
 * of bytes, behind those that it writes; the other side waits for the rest until the program is killed. Who waits for
 * that reads the process id in `reached`.
 */
export function stub(folder: string, name: string, program: string): string {
  return `#!/bin/sh
name=${name} program=${program}
if [ -f '${folder}/at' ]; then
  { IFS= read -r pattern; read -r bytes; read -r skip; } <'${folder}/at'
  case "$name $*" in
  $pattern)
    if [ "$skip" -gt 0 ]; then printf '%s\\n' "$pattern" "$bytes" "$((skip - 1))" >'${folder}/at'; exec "$program" "$@"; fi
    rm '${folder}/at'
    if [ "$bytes" = 0 ]; then
      echo "$$" >'${folder}/new' && mv '${folder}/new' '${folder}/reached'
      exec sleep 600
    fi
    sh -c 'echo "$$" >"$0"; exec "$@"' '${folder}/new' "$program" "$@" | {
      dd bs=1 count="$bytes" 2>/dev/null
      mv '${folder}/new' '${folder}/reached'
      exec cat >/dev/null
    }
    exit ;;
  esac
fi
exec "$program" "$@"
`
}

/** Where a program lies, whatever else a log-in shell puts in front of the path. */
function programOf(name: string): string {
  return execFileSync('/bin/sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).trim()
}

/** Where exactly a command stops. */
export interface Stop {
  /** Behind how many bytes of its output. @default before it begins */
  readonly bytes?: number
  /** How many of such commands go through first. @default none */
  readonly skip?: number
}

/** What a stub reads in `at`. */
export function orderOf(pattern: string, { bytes = 0, skip = 0 }: Stop = {}): string {
  return `${pattern}\n${String(bytes)}\n${String(skip)}\n`
}

/** Stops what srv does on one host of a test's sshd exactly at a step. */
export class Faults {
  readonly folder = mkdtempSync(join(tmpdir(), 'srv-faults-'))

  constructor() {
    const bin = join(this.folder, 'bin')
    mkdirSync(bin)
    for (const name of stoppable) {
      writeFileSync(join(bin, name), stub(this.folder, name, programOf(name)))
      chmodSync(join(bin, name), 0o755)
    }
  }

  /** Lines for sshd_config: what is run at one address finds these programs first. */
  at(address: string): readonly string[] {
    return [`Match LocalAddress ${address}`, `SetEnv ${noBashrc} PATH=${this.folder}/bin:${env['PATH'] ?? ''}`]
  }

  /** The next command that a pattern of the shell describes, its words between blanks, stops. */
  stopAt(pattern: string, stop: Stop = {}): void {
    rmSync(join(this.folder, 'reached'), { force: true })
    writeFileSync(join(this.folder, 'later'), orderOf(pattern, stop))
    renameSync(join(this.folder, 'later'), join(this.folder, 'at'))
  }

  /** Waits until a command is stopped, and tells the id of its process. */
  async reached(): Promise<number> {
    const file = join(this.folder, 'reached')
    await expect.poll(() => existsSync(file), { timeout: 60_000, interval: 50 }).toBe(true)
    return Number(readFileSync(file, 'utf8'))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
