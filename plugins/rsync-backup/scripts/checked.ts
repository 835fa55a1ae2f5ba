import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { toDumps } from './listing.ts'
import { manifestAwk } from './manifest-awk.ts'
import { compareAwk, unchangedManifest } from './verify.ts'

/** Exit status of a text that sent what is not in the manifest; rsync has none as high, and ssh only 255. */
export const notIntact = 100

/**
 * A path as rsync writes it where it tells names to a reader of ASCII: other bytes, and what could be taken for one of
 * those, as `\#` and three octal digits (rsync's log.c, filtered_fwrite).
 */
export function writtenName(path: string): string {
  return [...Buffer.from(path, 'utf8')]
    .map((byte, index, bytes) => {
      const isPlain = (byte >= 0x20 && byte < 0x7f) || byte === 0x09
      const looksWritten = byte === 0x5c && /^#\d{3}/.test(String.fromCharCode(...bytes.slice(index + 1, index + 5)))
      return isPlain && !looksWritten ? String.fromCharCode(byte) : `\\#${byte.toString(8).padStart(3, '0')}`
    })
    .join('')
}

/** Before anything is sent: with `$id`. Sets `$algorithm`, by which the manifest's checksums were made. */
export const beforeChecked = lines(
  unchangedManifest,
  raw(`manifest_unchanged || { echo 'the manifest itself was changed'; exit ${String(notIntact)}; }
algorithm=$(said "$id" checksum)`),
)

/**
 * Compares what rsync told in `$log` about each entry that it sent with the manifest, and fails with `notIntact`, a line
 * for each difference. The checksum of a file is of the bytes that were sent, and the other end asserts that it wrote the
 * same (rsync(1), --checksum-choice): nothing has to be read a second time.
 */
export function checkedScript(kind: 'data' | 'dumps', path?: string): Script {
  return lines(
    sh`program=${manifestAwk} compare=${compareAwk} out=${toDumps} kind=${kind} prefix=${kind === 'dumps' ? toDumps : ''} below=${writtenName(path ?? '')}`,
    raw(`export below
if command -v mawk >/dev/null; then awk() { mawk "$@"; }; fi
awk -v prev= -v prefix="$prefix" "$program" "$log" >"$errors" 2>/dev/null
awk -v summed=1 -v sampled= -v kind="$kind" -v out="$out" "$compare" "$base/$id/manifest" "$errors" || exit ${String(notIntact)}`),
  )
}
