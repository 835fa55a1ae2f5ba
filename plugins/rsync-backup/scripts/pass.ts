import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import type { Vault } from '../vault.ts'
import type { Begun } from './begin.ts'
import { format, prologue } from './prologue.ts'

/** One copy of a service's data, or of its dumps, into the folder of a snapshot. */
export interface Pass {
  readonly vault: Vault
  readonly id: string
  /** The folder that is copied, as rsync reads it: `srv:/srv/shop/data` behind a remote shell. */
  readonly from: string
  readonly begun: Begun
  readonly options: Pick<Options, 'acls' | 'xattrs'>
  readonly settings: Pick<Settings, 'exclude'>
  /** `warm` is copied while the service writes, and `data` compares with it. */
  readonly into: 'warm' | 'data' | 'dumps'
  readonly hasWarm: boolean
}

/** What rsync has to keep of files: everything that a restore needs. Sparse files stay so, owners are numbers. */
export function keepFlags({ acls, xattrs }: Pick<Options, 'acls' | 'xattrs'>): readonly string[] {
  return [`-aHS${acls ? 'A' : ''}${xattrs ? 'X' : ''}`, '--numeric-ids']
}

/** The newest progress of an rsync that writes into `$log`, once a second, until its process is gone. */
export const progressLoop = raw(`watch_progress() {
  while sleep 1; do
    kill -0 "$1" 2>/dev/null || return 0
    tail -c 400 "$log" | tr '\\r' '\\n' | grep '%' | tail -n 1 | sed 's/^/progress /' >&2
  done
}`)

/**
 * Copies into a fresh folder; what is the same as in the snapshot before is linked and takes no room. rsync is never run
 * twice into one folder: it would change modes and owners of what older snapshots share (rsync(1), --link-dest).
 */
export function passScript({ vault, id, from, begun, options, settings, into, hasWarm }: Pass): Script {
  const { last, aborted, window, checksum, algorithm } = begun
  const kind = into === 'dumps' ? 'dumps' : 'data'
  const compared = [
    ...(hasWarm && into === 'data' ? ['warm'] : []),
    ...(last === undefined ? [] : [`../${last}/${kind}`]),
    ...(aborted === undefined ? [] : [`../${aborted}/${kind}`]),
  ]
  const flags = [
    ...keepFlags(options),
    '-ii',
    `--out-format=${format}`,
    '--partial',
    `--modify-window=${window}`,
    `--checksum-choice=${algorithm}`,
    '--timeout=300',
    '--info=progress2',
    '--no-human-readable',
    '--outbuf=L',
    ...(checksum && into === 'data' ? ['--checksum'] : []),
    ...(into === 'dumps' ? [] : settings.exclude.map((pattern) => `--exclude=${pattern}`)),
  ]
  const source = `${from}/`
  const shell = from.startsWith('srv:') ? raw(' -s --blocking-io -e "$SRV_SHELL"') : raw('')
  return lines(
    prologue(vault),
    sh`cd "$base"/${`.staging-${id}`}`,
    sh`mkdir ${into}; log=${into === 'data' ? 'log' : `log.${into}`}`,
    raw('set --'),
    // An older snapshot may have none of these, and rsync would complain.
    ...compared.map((folder) => sh`[ ! -d ${folder} ] || set -- "$@" ${`--link-dest=../${folder}`}`),
    progressLoop,
    sh`rsync ${flags} "$@" $fake${shell} ${source} ${into}/ >"$log" 2>errors & rsync=$!`,
    raw(`watch_progress "$rsync" & watch=$!
code=0
wait "$rsync" || code=$?
kill "$watch" 2>/dev/null || :
cat errors >&2
[ "$code" -ne 24 ] || { cp errors vanished; code=0; }
exit "$code"`),
  )
}
