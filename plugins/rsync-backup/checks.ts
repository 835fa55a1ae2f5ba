import { lines, raw, sh, type Check } from '../../src/index.ts'
import type { Options, Settings } from './options.ts'
import { speaks } from './vault.ts'

const rsync: Check<Options, Settings> = {
  title: 'rsync',
  on: 'host',
  probe: () => raw('rsync --version | head -n 1'),
  judge: ({ stdout }) =>
    stdout.startsWith('rsync')
      ? { ok: true, found: stdout.trim() }
      : { ok: false, problem: 'rsync is not installed', fix: 'Install the package rsync on the host.' },
}

/** Data that are missing, not mounted or empty must never become a snapshot that looks good. */
export const sourceCheck: Check<Options, Settings> = {
  title: 'data for backups',
  on: 'instance',
  applies: speaks,
  probe: ({ paths }, { allowEmpty, mountpoint }) =>
    lines(
      sh`data=${paths.data}`,
      raw(`if [ ! -e "$data" ]; then echo "none: there is no $data yet"; exit 0; fi
[ -d "$data" ] || { echo "$data is no folder"; exit 1; }`),
      ...(mountpoint ? [raw('mountpoint -q "$data" || { echo "$data is not mounted"; exit 1; }')] : []),
      ...(allowEmpty ? [] : [raw('[ -n "$(ls -A "$data")" ] || { echo "none: $data is empty"; exit 0; }')]),
      raw('echo "$data"'),
    ),
  judge: ({ code, stdout }) =>
    code === 0
      ? { ok: true, found: stdout.trim() }
      : {
          ok: false,
          problem: stdout.trim() || 'the data folder cannot be looked at',
          fix: 'Mount it, or leave the service out of backups.',
        },
}

/** Asked before every run. */
export const checks = [rsync, sourceCheck]
