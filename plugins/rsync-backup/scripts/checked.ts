import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { compareAwk, unchangedManifest } from './compare.ts'
import { toDumps } from './listing.ts'
import { manifestAwk } from './manifest-awk.ts'
import { writtenName } from './written-name.ts'

/** Exit status of a text that sent something other than the manifest says; rsync has none as high, and ssh only 255. */
export const notIntact = 100

/** Before anything is sent: with `$id`. Sets `$algorithm`, by which the manifest's checksums were made. */
export const beforeChecked = lines(
  unchangedManifest,
  raw(`manifest_unchanged "$id" || { echo 'the manifest itself was changed'; exit ${String(notIntact)}; }
algorithm=$(said "$id" checksum)`),
)

/**
 * Compares what rsync told in `$log` about each entry that it sent with the manifest, and fails with `notIntact`, a line
 * for each difference. The checksum of a file is of the bytes that were sent, and the other end asserts that it wrote the
 * same (rsync(1), --checksum-choice): nothing has to be read a second time. Where rsync could not do all, `$code` 23, what
 * was sent is compared, and rsync itself says what was not. It ends with rsync's own code where nothing differs.
 */
export function checkedScript(kind: 'data' | 'dumps', path?: string): Script {
  return lines(
    sh`program=${manifestAwk} compare=${compareAwk} out=${toDumps} kind=${kind} prefix=${kind === 'dumps' ? toDumps : ''} below=${path === undefined ? '' : `${kind === 'dumps' ? toDumps : ''}${writtenName(path)}`}`,
    raw(`export below
sampled=
case $code in 0) ;; 23 | 24) sampled=1 ;; *) exit "$code" ;; esac
if command -v mawk >/dev/null; then awk() { mawk "$@"; }; fi
awk -v prev= -v prefix="$prefix" "$program" "$log" >"$errors" 2>/dev/null || fail 'awk could not read what rsync said'
awk -v summed=1 -v sampled="$sampled" -v sent=1 -v kind="$kind" -v out="$out" "$compare" "$base/$id/manifest" "$errors" || case $? in 3) exit ${String(notIntact)} ;; *) fail 'awk could not compare what was sent' ;; esac
exit "$code"`),
  )
}
