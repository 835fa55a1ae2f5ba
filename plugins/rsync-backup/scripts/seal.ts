import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Options } from '../options.ts'
import type { Vault } from '../vault.ts'
import { listing, toDumps } from './listing.ts'
import { manifestAwk, mawkFunction, nameInLine } from './manifest-awk.ts'
import { unmountedFunction } from './mounts.ts'
import { aloneText, prologue, type Value } from './prologue.ts'
import { witnesses } from './witness.ts'

/** A snapshot whose files are there, before it is published. */
interface Unsealed {
  readonly vault: Vault
  readonly id: Value
  readonly host: string
  readonly service: string
  readonly begun: Readonly<Record<'last' | 'aborted' | 'window' | 'algorithm' | 'unchecked', Value | undefined>>
  readonly options: Pick<Options, 'acls' | 'xattrs'>
  readonly startedAt: Value
  /** When it was begun by the clock of the host, in seconds since 1970; nothing or empty where that did not tell. */
  readonly clock?: Value | undefined
  /** The release that serves, as JSON in one line; `null` when none does. */
  readonly release: Value
  readonly releaseId: Value
  /** Id of the release whose deploy it is made for; empty for any other. */
  readonly before: string
  /** What is mounted in the data, as `mountsIn` reads it. @default nothing */
  readonly mounts?: Value
  /** Data that has shrunk to less than half, or of which a part is not mounted any more, counts as good. */
  readonly allowShrunk: boolean
  /** Data without any file counts as good. */
  readonly allowEmpty: boolean
}

/*
 * Leaves in `counts` how many dumps a snapshot has, with how many bytes, and which of those of now has less than half of
 * its bytes: among the files of a service it would not be seen.
 */
const dumpsBefore = raw(`dumps_before() {
  [ -d "$base/$1/dumps" ] || { echo '0 0' >counts; return; }
  if [ -e distrusted ]; then
    ls -ln "$base/$1/dumps" | awk '/^-/ { files++; bytes += $5 } END { printf "%d %.0f\\n", files, bytes }' >counts
    return
  fi
  awk -v prefix="$to_dumps" '${nameInLine}
$1 != "f" || index(name = name_in($0), prefix) != 1 { next }
FNR == NR { was[name] = $6; files++; bytes += $6; next }
(name in was) && $6 * 2 < was[name] { less = substr(name, length(prefix) + 1) }
END { printf "%d %.0f %s\\n", files, bytes, less }' "$base/$1/manifest" dumps.lines >counts
}`)

/** Exit status of a seal that failed behind the rename: the snapshot is there. */
export const publishedStatus = 101

/** What such a seal says last. */
export const publishedLine = 'srv: the snapshot is published'

/* What is done behind the rename, a command at a time. */
const behind = sh`behind() { "$@" || { echo ${publishedLine} >&2; exit ${String(publishedStatus)}; }; }
to_disk() { sync -f "$base" 2>/dev/null || sync; }`

/**
 * Writes the manifest, judges what was copied, and publishes the snapshot by a rename, on disk before it counts. One
 * with less than half of the files or bytes of the last good one, or of those of a dump, with something not mounted any more
 * that was then, or of which much vanished during the copy, is `suspect`: it is kept, and nothing is removed for it.
 *
 * What a dead run had copied may be linked from there, and no manifest tells its checksums; of what a host sent by itself
 * they may be `untold`. Then all is read once, and what the last manifest or rsync told of the other files has to be true:
 * what rotted on this disk never becomes what it should be. The same goes for a last manifest that is `distrusted`.
 */
export function sealScript({ vault, id, begun, options, ...said }: Unsealed): Script {
  return lines(
    prologue(vault),
    sh`id=${id} last=${begun.last ?? ''} algorithm=${begun.algorithm ?? ''} aborted=${begun.aborted ?? ''} window=${begun.window ?? '0'} unchecked=${begun.unchecked ?? '0'}`,
    sh`program=${manifestAwk} allow=${said.allowShrunk ? 'yes' : ''} to_dumps=${toDumps}`,
    sh`allow_empty=${said.allowEmpty ? 'yes' : ''} mounts=${said.mounts ?? ''}`,
    listing(options),
    dumpsBefore,
    unmountedFunction,
    witnesses,
    behind,
    mawkFunction,
    aloneText,
    raw(`cd "$base/.staging-$id"
# What is written next takes about so much: with no room for it, awk would say anything but that.
cat log log >room
rm -f room
# Writing thousands of links to disk takes as long as the manifest: both at once.
sync -f . 2>/dev/null & syncing=$!
prev=
[ -z "$last" ] || [ -e distrusted ] || [ "$(said "$last" checksum)" != "$algorithm" ] || prev=$base/$last/manifest
if [ -n "$prev" ] && { [ -n "$aborted" ] || [ -e untold ]; }; then like_last >like; prev=like; fi
# Where all content was compared with that of the host, what is read is what it should be.
if [ -e untold ] && [ "$unchecked" = 0 ]; then prev=; fi
: >dumps.lines
dump_files=0 dump_bytes=0 dump_new_files=0 dump_new_bytes=0 dump_unknown=0
if [ -e log.dumps ]; then
  awk -v prev="$prev" -v prefix="$to_dumps" "$program" log.dumps >dumps.lines 2>counts
  read -r dump_files dump_bytes dump_new_files dump_new_bytes dump_unknown <counts
fi
warm_files=0 warm_bytes=0
if [ -e log.warm ]; then
  awk -v prev="$prev" "$program" log.warm >warm.lines 2>counts
  read -r _ _ warm_files warm_bytes _ <counts
  [ -e untold ] || prev=warm.lines
fi
awk -v prev="$prev" "$program" log >lines 2>counts
read -r files bytes new_files new_bytes unknown <counts
new_files=$((new_files + warm_files + dump_new_files)) new_bytes=$((new_bytes + warm_bytes + dump_new_bytes))
rotten=0
[ "$unknown" = 0 ] || read_all data '' lines
[ "$dump_unknown" = 0 ] || read_all dumps "$to_dumps" dumps.lines
cat lines dumps.lines | sort -k 8 >manifest
! grep -q '^f ? ' manifest || fail 'rsync reported no checksum for some files'
state=good note=
add() { note="\${note:+$note; }$1"; }
# How much some files are, for people: \`38 files, 5.3 MB\`.
amount() {
  count_files "$1" | tr '\\n' ','
  awk -v many="$2" 'BEGIN {
  split("B kB MB GB TB", unit, " ")
  for (at = 1; many >= 999.5 && at < 5; at++) many /= 1000
  format = many < 999.5 ? " %.3g %s" : " %.0f %s"
  printf format, many, unit[at]
}'
}
if [ -e distrusted ]; then
  add "checksums of its own alone, all content having been compared with that of the host: the manifest of $last was changed after it was written. Check that disk, and verify older snapshots"
fi
if [ -e vanished ]; then
  gone=$(head -n 1 vanished)
  sed 1d vanished >told
  if [ "$gone" = 0 ]; then add 'folders that vanished during the copy'; else add "$(count_files "$gone") that vanished during the copy: $(names_in told)"; fi
  # A few always do, of some services. So many are not what anybody would want back.
  if [ "$gone" -gt 20 ] && [ $((gone * 100)) -gt $((files + gone)) ] && [ -z "$allow" ]; then state=suspect; fi
fi
if [ -n "$last" ] && [ -z "$allow" ]; then
  dumps_before "$last"
  read -r dumped_files dumped_bytes less <counts
  before_files=$(($(said "$last" files) - dumped_files)) before_bytes=$(($(said "$last" bytes) - dumped_bytes))
  if [ $((files * 2)) -lt "$before_files" ] || [ $((bytes * 2)) -lt "$before_bytes" ]; then
    state=suspect
    add "less than half of $last: $(amount "$files" "$bytes") instead of $(amount "$before_files" "$before_bytes")"
  elif [ -n "$less" ]; then
    state=suspect
    add "less than half of the dump $less of $last"
  fi
  off=$(unmounted "$last")
  if [ -n "$off" ]; then
    state=suspect
    add "nothing mounted any more at $off, as there was for $last"
  fi
fi
if [ "$((files + dump_files))" = 0 ] && [ -z "$allow$allow_empty" ]; then
  state=suspect
  add 'no files, and allowEmpty is not set'
fi
if [ "$rotten" != 0 ]; then
  state=suspect
  add "$(count_files "$rotten") whose content changed on the disk of the snapshots after it was written: $(names_in rot). Check that disk, verify older snapshots, and back up again, which copies them again"
fi
files=$((files + dump_files)) bytes=$((bytes + dump_bytes))
sum=$(sha256sum <manifest | cut -d ' ' -f 1)
# It is a text of JSON, whatever names are in it.
note=$(printf '%s' "$note" | tr -d '"\\\\[:cntrl:]')`),
    sh`printf '%s\n' ${said.release} >release.json
release_sum=$(sha256sum <release.json | cut -d ' ' -f 1)`,
    sh`clock=${said.clock ?? ''}`,
    raw('more=${clock:+,\\"clock\\":$clock}'),
    sh`printf '{"schema":"srv.snapshot/1","id":"%s","host":"%s","service":"%s","state":"%s","pinned":false,"release":"%s","startedAt":"%s","files":%s,"bytes":%s,"newFiles":%s,"newBytes":%s,"checksum":"%s","manifest":"%s","releaseSum":"%s","unchecked":%s,"note":"%s","rotten":%s,"before":"%s","mounts":"%s"%s}\n' "$id" ${said.host} ${said.service} "$state" ${said.releaseId} ${said.startedAt} "$files" "$bytes" "$new_files" "$new_bytes" "$algorithm" "$sum" "$release_sum" "$unchecked" "$note" "$rotten" ${said.before} "$mounts" "$more" >snapshot.json`,
    // A pin is set later, and is no change.
    raw(`sum_bare=$(sha256sum <snapshot.json)
sum_pinned=$(sed 's/"pinned":false/"pinned":true/' snapshot.json | sha256sum)
printf '%s %s\\n' "\${sum_bare%% *}" "\${sum_pinned%% *}" >snapshot.sum
remove warm compared
rm -rf log log.warm log.dumps warm.lines dumps.lines errors vanished untold distrusted lines like again told rot counts
wait "$syncing" || :
sync -f . 2>/dev/null || sync
mv "$base/.staging-$id" "$base/$id"
if [ "$state" = good ]; then
  # A run may have died between these two.
  behind rm -f "$base"/.latest-*
  newest=$(newest_good) || :
  behind ln -s "\${newest:-$id}" "$base/.latest-$id"
  behind mv -fT "$base/.latest-$id" "$base/latest"
fi
behind to_disk
behind remove "$base"/.staging-*
behind cat "$base/$id/snapshot.json"`),
  )
}
