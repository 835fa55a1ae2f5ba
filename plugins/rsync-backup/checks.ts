import { lines, raw, sh, type Check, type Placement, type Script } from '../../src/index.ts'
import { missingTools } from './dumps/script.ts'
import type { Options, Settings } from './options.ts'
import { speaks } from './vault.ts'

/** The first that compares nanoseconds, and can be told which checksums to make (NEWS of rsync, 3.1.3). */
const oldest = [3, 1, 3] as const

/**
 * The first without six flaws by which the other end of a copy, or another user of the machine, can do harm (NEWS of rsync,
 * 3.4.3: CVE-2026-29518, 43617 to 43620 and 45232). Those before 3.4.0 also have CVE-2024-12084 to 12088 and 12747.
 */
const mended = [3, 4, 3] as const

function isBefore(version: readonly number[], other: readonly number[]): boolean {
  const at = other.findIndex((number, index) => version[index] !== number)
  return at >= 0 && (version[at] ?? 0) < (other[at] ?? 0)
}

const rsync: Check<Options, Settings> = {
  title: 'rsync',
  on: 'host',
  probe: () => raw('rsync --version | head -n 1'),
  judge({ stdout }) {
    if (!stdout.startsWith('rsync')) {
      return { ok: false, problem: 'rsync is not installed', fix: 'Install the package rsync on the host.' }
    }
    const [found = '', ...numbers] = /(\d+)[.](\d+)[.](\d+)/.exec(stdout) ?? []
    const version = numbers.map(Number)
    if (isBefore(version, oldest)) {
      return { ok: false, problem: `rsync ${found} is too old`, fix: 'Install rsync 3.1.3 or later on the host.' }
    }
    if (!isBefore(version, mended)) return { ok: true, found: stdout.trim() }
    // Distributions mend flaws without another version: this is no reason to refuse a backup.
    const warning = `rsync ${found} is older than 3.4.3, the first in which known security flaws are mended: unless your distribution has mended them in its own package, install rsync 3.5.0 or later on the host.`
    return { ok: true, found: stdout.trim(), warning }
  },
}

/** What has to be a mount point, below the data. */
function mountedPaths(said: Settings['mountpoint']): readonly string[] {
  if (typeof said !== 'boolean') return said
  return said ? ['.'] : []
}

/** Fails with 1 where the data is not as it should be, with 3 where there is none; prints why. */
export function sourceScript({ paths }: Pick<Placement, 'paths'>, { allowEmpty, mountpoint }: Settings): Script {
  return lines(
    sh`data=${paths.data}`,
    raw(`[ -e "$data" ] || { echo "there is no $data"; exit 3; }
[ -d "$data" ] || { echo "$data is not a folder"; exit 1; }`),
    ...mountedPaths(mountpoint).map(
      (path) => sh`at=${path}
mountpoint -q "$data/$at" || { [ "$at" = . ] || data=$data/$at; echo "$data is not mounted"; exit 1; }`,
    ),
    ...(allowEmpty ? [] : [raw('[ -n "$(ls -A "$data")" ] || { echo "$data is empty"; exit 3; }')]),
    raw('echo "$data"'),
  )
}

/** Checks the same again after the copy: fails with 9 if the data has disappeared meanwhile. */
export function stillThere(place: Pick<Placement, 'paths'>, settings: Settings): Script {
  return lines(raw('gone=$('), sourceScript(place, settings), raw(`) || { printf '%s\\n' "$gone" >&2; exit 9; }`))
}

/** Whether a run about a placement may copy the data: a deploy does for any instance that asks for it. */
function mayCopy(placement: Placement, { beforeDeploy }: Settings): boolean {
  return speaks(placement) || beforeDeploy
}

/** Data that is missing, not mounted or empty must never become a snapshot that looks good. */
const sourceCheck: Check<Options, Settings> = {
  title: 'data for backups',
  on: 'instance',
  applies: mayCopy,
  // A service without data yet can be deployed all the same: its backup is refused by the backup task.
  probe: (placement, settings) => sourceScript(placement, settings),
  judge: ({ code, stdout }) =>
    code === 0 || code === 3
      ? { ok: true, found: stdout.trim() }
      : {
          ok: false,
          problem: stdout.trim() || 'the data folder cannot be read',
          fix: stdout.trim().endsWith(' is not mounted')
            ? 'Mount it. If it need not be a mount point, take `mountpoint` out of `backup` of the service in the config.'
            : 'Make it a folder that the login user can read, with the data of the service in it.',
        },
}

/** A dump that cannot be made is found out before anything is done. */
const dumpTools: Check<Options, Settings> = {
  title: 'tools for dumps',
  on: 'instance',
  applies: (placement, settings) => mayCopy(placement, settings) && settings.dumps.length > 0,
  probe: (_placement, { dumps }) => missingTools(dumps),
  judge({ stdout }) {
    const missing = stdout.split('\n').flatMap((line) => {
      const [, dump, tools] = /^(\S+) (.+)$/.exec(line) ?? []
      return dump === undefined ? [] : [`the dump ${dump} needs ${tools ?? ''}`]
    })
    return missing.length === 0
      ? { ok: true }
      : {
          ok: false,
          problem: missing.join(', '),
          fix: 'Install it on the host, or name the compose service that has it: `in`.',
        }
  },
}

/** Asked before every run. */
export const checks = [rsync, sourceCheck, dumpTools]
