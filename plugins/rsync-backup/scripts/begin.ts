import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { factsIn } from '../facts.ts'
import type { Vault } from '../vault.ts'
import { unchangedManifest } from './compare.ts'
import { mountedText } from './mounted.ts'
import { mountsText } from './mounts.ts'
import { apartText, claimText, type Claim } from './owner.ts'
import { aloneText, prologue, type Value } from './prologue.ts'
import { movesText, toolsText } from './tools.ts'

/** Prints what is mounted in `$data`, and last the best checksums that rsync knows here: `xxh128`, or `md5`, which each knows. */
export const offerText: Script = lines(
  mountsText,
  raw('if rsync --version | grep -q xxh128; then echo xxh128; else echo md5; fi'),
)

/** Of one that died, up to two folders are compared with, besides the last snapshot: rsync takes twenty in all (its options.c). */
const mostAttempts = 9

/**
 * Makes a fresh folder for a snapshot on its keeper, and says what it will be compared with. What runs that died left
 * behind is not gone on with, which would rewrite what older snapshots share with it; it only serves for comparison, all of
 * it until a snapshot is published.
 *
 * `offered` is what `offerText` printed on the host: both ends of a copy have to know the checksums. `claim` says whose data
 * they are; the snapshots of another are left alone.
 *
 * Prints `last`, `aborted` (`-` for none), `window` and `checksum`, as a pass wants them, and `unchecked`, for the
 * description of the snapshot; or `owner` alone, for a folder that is another's, and `inside` for one that
 * is in the data.
 */
export function beginScript(
  vault: Vault,
  id: Value,
  checksumEvery: number,
  offered: Value,
  claim: Claim = { of: '', adopt: false },
): Script {
  return lines(
    prologue(vault),
    mountedText(vault),
    apartText(claim.of),
    sh`id=${id} every=${checksumEvery} offered=${offered}`,
    unchangedManifest,
    toolsText(),
    raw(`mkdir -p "$base" || fail "$(id -un) cannot make $base"`),
    aloneText,
    claimText(claim),
    raw(`[ ! -e "$base/$id" ] || fail "there is already a snapshot $id"
# Names sort by time: with a wrong clock, the wrong snapshots would be kept and restored.
[ "$(printf '%s\\n' "$id" "$(moment 600)" | sort | head -n 1)" = "$id" ] ||
  fail "the snapshot would be named $id, but the clock of $(uname -n), which keeps it, says $(moment 0): set the clock that is wrong"
last=$(newest_good)
[ "$(printf '%s\\n' "$id" "$last" | sort | tail -n 1)" = "$id" ] ||
  fail "there is already a newer snapshot, $last, which would take precedence over one named $id: set the clock that is wrong, or wait until then"
# All that have got anywhere, beyond links to an older one, since one that broke early has little of what one before it had copied.
attempts() { ls -1 -a "$base" | grep '^[.]staging-' | sort -r; }
for one in $(attempts); do
  remove "\${base:?}/$one/linked" "$base/$one/changed" "$base/$one/compared"
  [ -n "$(find "$base/$one" -mindepth 2 -print -quit)" ] || remove "\${base:?}/$one"
done
# rsync compares with no more than twenty folders. Of too many, those stay that have the most.
if [ "$(($(attempts | wc -l)))" -gt ${String(mostAttempts)} ]; then
  attempts | while read -r one; do printf '%s %s\n' "$(du -sk "$base/$one" 2>/dev/null | cut -f 1)" "$one"; done | sort -k 1,1nr | sed '1,${String(mostAttempts)}d' |
    while read -r _ one; do remove "\${base:?}/$one"; done
fi
# A run that began in the same second, and failed.
if [ -e "$base/.staging-$id" ]; then
  taken=$base/.staging-$id.before
  while [ -e "$taken" ]; do taken=$taken.before; done
  mv "$base/.staging-$id" "$taken"
fi
aborted=$(attempts | tr '\n' ' ')
mkdir "$base/.staging-$id"
cd "$base/.staging-$id"
: >probe
ln probe probe-link 2>/dev/null || fail "the file system of $base has no hard links: every snapshot would be a whole copy"
window=0
if touch -d '2020-01-01 00:00:00.123456789' probe 2>/dev/null; then
  case $(stat -c %y probe 2>/dev/null) in *.123456789*) window=-1 ;; esac
fi
rm -f probe probe-link`),
    movesText('.'),
    raw(`algorithm=md5
if [ "$offered" = xxh128 ] && rsync --version | grep -q xxh128; then algorithm=xxh128; fi
# Told by the last good one, as those before it may be gone. Of the first, all content is new.
checksum=no unchecked=0
if [ -n "$last" ]; then
  unchecked=$(($(said "$last" unchecked) + 1))
  [ "$unchecked" -lt "$every" ] || checksum=yes
  # Its checksums say nothing by another algorithm: those of the source count, and what rotted here is copied anew.
  [ "$(said "$last" checksum)" = "$algorithm" ] || checksum=yes
  # Nor do those of a manifest that was changed since, or that the disk no longer gives: no snapshot takes over any of them.
  if ! (manifest_unchanged "$last") 2>/dev/null; then checksum=yes; : >distrusted; fi
fi
# As is what one that is suspect was found to have on its disk.
for one in $(all | awk -v last="$last" '$1 > last'); do
  if grep -q '"rotten":[1-9]' "$base/$one/snapshot.json" 2>/dev/null; then checksum=yes; fi
done
[ "$checksum" = no ] || unchecked=0
printf 'last %s\\naborted %s\\nwindow %s\\nchecksum %s\\nunchecked %s\\nalgorithm %s\\n' \\
  "\${last:--}" "\${aborted% }" "$window" "$checksum" "$unchecked" "$algorithm"`),
  )
}

/** What a pass is to compare with, and how. */
export interface Begun {
  readonly last: string | undefined
  /** Folders that runs that died left, the newest first, with blanks between them. */
  readonly aborted: string | undefined
  /** rsync's --modify-window: -1 where the file system keeps nanoseconds. */
  readonly window: string
  readonly checksum: boolean
  /** How many good snapshots there will have been since all content was compared. */
  readonly unchecked: string
  readonly algorithm: string
}

/** Reads what `beginScript` printed. */
export function readBegun(stdout: string): Begun {
  const said = factsIn(stdout)
  const present = (name: string): string | undefined => {
    const value = said.get(name) ?? ''
    return value === '' || value === '-' ? undefined : value
  }
  return {
    last: present('last'),
    aborted: present('aborted'),
    window: said.get('window') ?? '0',
    checksum: said.get('checksum') === 'yes',
    unchecked: said.get('unchecked') ?? '0',
    algorithm: said.get('algorithm') ?? 'md5',
  }
}
