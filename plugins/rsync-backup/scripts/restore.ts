import { lines, raw, sh, type Paths, type Script } from '../../../src/index.ts'
import type { Options } from '../options.ts'
import type { Vault } from '../vault.ts'
import { keepFlags } from './pass.ts'
import { prologue } from './prologue.ts'

/** Where the data of a run are staged beside those that serve: a restore is a rename in one file system. */
export function stagingOf({ service }: Pick<Paths, 'service'>, runId: string): string {
  return `${service}/.restore-${runId}`
}

/** Fails with 3 when something in the data was changed after a time, in seconds since 1970; prints the first such file. */
export function newerScript({ data }: Pick<Paths, 'data'>, seconds: number): Script {
  return lines(
    sh`data=${data} seconds=${seconds}`,
    raw(`[ -d "$data" ] || exit 0
mark=$(mktemp)
trap 'rm -f "$mark"' EXIT
touch -d "@$seconds" "$mark"
found=$(find "$data" -newer "$mark" -print 2>/dev/null | head -n 1)
[ -z "$found" ] || { printf '%s\\n' "$found"; exit 3; }`),
  )
}

/** Makes room for staging, and fails when there is none for a second copy of the data. */
export function prepareScript(paths: Pick<Paths, 'service'>, runId: string, bytes: number): Script {
  return lines(
    sh`staging=${stagingOf(paths, runId)} bytes=${bytes}`,
    raw(`rm -rf "$staging"
mkdir -p "$staging"
free=$(df -Pk "$staging" | awk 'NR == 2 { print $4 }')
[ $((free)) -gt $((bytes / 1024)) ] || { echo "there is room for $free KiB, and $((bytes / 1024)) KiB are needed" >&2; rmdir "$staging"; exit 1; }`),
  )
}

/** Sends the data of a snapshot; what is equal there, byte for byte, is copied on the host itself. */
export function sendScript(
  vault: Vault,
  id: string,
  options: Pick<Options, 'acls' | 'xattrs'>,
  to: { readonly folder: string; readonly isRemote: boolean; readonly alike: string },
): Script {
  const flags = [...keepFlags(options), '--checksum', '--timeout=300', `--copy-dest=${to.alike}`]
  const shell = to.isRemote ? raw(' -s --blocking-io -e "$SRV_SHELL"') : raw('')
  const target = `${to.isRemote ? 'srv:' : ''}${to.folder}/`
  return lines(prologue(vault), sh`id=${id}`, sh`rsync ${flags} $fake${shell} "$base/$id/data/" ${target} >&2`)
}

/** Puts what is staged in the place of the data, which stay beside it. */
export function swapScript(paths: Pick<Paths, 'service' | 'data'>, runId: string): Script {
  return lines(
    sh`data=${paths.data} staging=${stagingOf(paths, runId)} before=${`${paths.data}.before-${runId}`}`,
    raw(`[ -d "$staging/data" ] || { echo "nothing is staged in $staging" >&2; exit 1; }
[ ! -e "$before" ] || { echo "$before is there already" >&2; exit 1; }
if [ -e "$data" ]; then mv -T "$data" "$before"; fi
mv -T "$staging/data" "$data"
rmdir "$staging"`),
  )
}

/** Puts the data of before back, when they were taken out of their place. */
export function swapBackScript(paths: Pick<Paths, 'service' | 'data'>, runId: string): Script {
  return lines(
    sh`data=${paths.data} staging=${stagingOf(paths, runId)} before=${`${paths.data}.before-${runId}`}`,
    raw(`if [ -e "$before" ] && [ ! -e "$staging/data" ]; then
  mkdir -p "$staging"
  if [ -e "$data" ]; then mv -T "$data" "$staging/data"; fi
  mv -T "$before" "$data"
fi
rm -rf "$staging"`),
  )
}
