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
  /** The words that tell rsync its remote shell, in front of the folders. @default none: the folder is here */
  readonly shell?: Script
}

/** The remote shell of a copy between two machines that srv is connected to. */
export const bridged = raw(' -s --blocking-io -e "$SRV_SHELL"')

/** What rsync has to keep of files: everything that a restore needs. Sparse files stay so, owners are numbers. */
export function keepFlags({ acls, xattrs }: Pick<Options, 'acls' | 'xattrs'>): readonly string[] {
  return [`-aHS${acls ? 'A' : ''}${xattrs ? 'X' : ''}`, '--numeric-ids']
}

/** The newest progress of an rsync that writes into `$log`, once a second, until its process is gone. */
const progressLoop = raw(`watch_progress() {
  while sleep 1; do
    kill -0 "$1" 2>/dev/null || return 0
    tail -c 400 "$log" | tr '\\r' '\\n' | grep '%' | tail -n 1 | sed 's/^/progress /' >&2
  done
}`)

/** What a copy is made of, beside what is found out when it begins. */
export type PassText = Omit<Pass, 'id' | 'begun'>

/**
 * Copies into a fresh folder; what is the same as in the snapshot before is linked and takes no room. rsync is never run
 * twice into one folder: it would change modes and owners of what older snapshots share (rsync(1), --link-dest).
 *
 * It reads `$id` and what `beginScript` said: `$last`, `$aborted`, `$window`, `$checksum` and `$algorithm`, empty for nothing.
 */
export function passText({ vault, from, options, settings, into, hasWarm, shell }: PassText): Script {
  const kind = into === 'dumps' ? 'dumps' : 'data'
  const flags = [
    ...keepFlags(options),
    '-ii',
    `--out-format=${format}`,
    '--partial',
    '--timeout=300',
    '--info=progress2',
    '--no-human-readable',
    '--outbuf=L',
    ...(hasWarm && into === 'data' ? ['--link-dest=../warm'] : []),
  ]
  const excluded = into === 'dumps' ? [] : settings.exclude.map((pattern) => `--exclude=${pattern}`)
  return lines(
    prologue(vault),
    raw(`cd "$base/.staging-$id"
set -- "--modify-window=$window" "--checksum-choice=$algorithm"`),
    ...(into === 'data' ? [raw('[ "$checksum" != yes ] || set -- "$@" --checksum')] : []),
    // An older snapshot may have no dumps, and rsync would complain.
    sh`kind=${kind}`,
    raw(`for one in "$last" "$aborted"; do
  [ -z "$one" ] || [ ! -d "../$one/$kind" ] || set -- "$@" "--link-dest=../../$one/$kind"
done`),
    sh`mkdir ${into}; log=${into === 'data' ? 'log' : `log.${into}`}`,
    progressLoop,
    sh`rsync ${flags} "$@" ${excluded} $fake${shell ?? raw('')} ${`${from}/`} ${into}/ >"$log" 2>errors & rsync=$!`,
    raw(`watch_progress "$rsync" & watch=$!
code=0
wait "$rsync" || code=$?
kill "$watch" 2>/dev/null || :
cat errors >&2
[ "$code" -ne 24 ] || { cp errors vanished; code=0; }
exit "$code"`),
  )
}

/** The same with everything that it reads, as srv sends it. */
export function passScript({ id, begun, ...text }: Pass): Script {
  const { last = '', aborted = '', window, checksum, algorithm } = begun
  return lines(
    sh`id=${id} last=${last} aborted=${aborted} window=${window} checksum=${checksum ? 'yes' : 'no'} algorithm=${algorithm}`,
    passText(text),
  )
}
