import { lines, raw, sh, type Paths, type Script } from '../../../src/index.ts'
import { dropFunction, dropScript } from './drop.ts'
import { mountedAt } from './mounts.ts'
import { stagingOf } from './restore.ts'
import { besideDatabase, sqliteFunction } from './sqlite.ts'

/*
 * Names what is swapped: `$live` serves, `$new` is staged, and `$old` is where the first is kept, in `$before`. With a path
 * below the data they are that path, or the topmost folder above it that does not exist yet: `take_of` says how much.
 */
function names(paths: Pick<Paths, 'service' | 'data'>, runId: string, path: string | undefined): Script {
  return lines(
    sqliteFunction,
    sh`data=${paths.data} staging=${stagingOf(paths, runId)} before=${`${paths.data}.before-${runId}`} path=${path ?? ''}`,
    raw(`is_there() { [ -e "$1" ] || [ -L "$1" ]; }
take_of() {
  take= rest=$path
  [ -n "$path" ] || return 0
  while :; do
    take=\${take:+$take/}\${rest%%/*}
    [ "$take" != "$path" ] || return 0
    is_there "$1/$take" || return 0
    if [ -L "$1/$take" ] || [ ! -d "$1/$take" ]; then echo "$1/$take is not a folder" >&2; exit 1; fi
    rest=\${rest#*/}
  done
}
# Whose user is not root moves a folder to another one only with the right to write to it.
move() {
  was=
  if [ -d "$1" ] && [ ! -L "$1" ] && [ ! -w "$1" ]; then
    was=$(stat -c %a "$1")
    chmod u+w "$1"
  fi
  mv -T "$1" "$2"
  [ -z "$was" ] || chmod "$was" "$2"
}
# What SQLite wrote beside a database goes with it: another one would be damaged by it.
beside() {
  if [ -z "$take" ] || [ "$take" != "$path" ] || ! is_sqlite "$live" "$new" "$old"; then return 0; fi
  for more in ${besideDatabase.join(' ')}; do
    if is_there "$1$more"; then mv -fT "$1$more" "$2$more"; fi
  done
}
name_them() { live=$data\${take:+/$take} new=$staging/data\${take:+/$take} old=$before\${take:+/$take}; }`),
  )
}

/*
 * Prints a mount point below a folder, as the kernel lists them: a rename would take the disk away with the previous data,
 * and the restored data would be hidden once it is mounted again.
 */
const mountedBelow = raw(String.raw`mounted_below() {
  if [ -L "$1" ] || [ ! -d "$1" ] || [ ! -r /proc/self/mountinfo ]; then return 0; fi
  real=$(cd -P "$1" && pwd -P; echo x)
  real=${'$'}{real%?x} awk 'BEGIN { base = ENVIRON["real"] "/" }
!found { ${mountedAt}
  if (index(at, base) == 1) { print at; found = 1 } }' /proc/self/mountinfo
}`)

/**
 * Fails where a rename cannot put what is staged in place: where the target is a mount point or contains one, is on another
 * disk or a link to elsewhere, or a path below the data leads through a link or a file. Prints as `taken` how many folders
 * above the topmost thing that it will put in place exist.
 */
export function reachScript(paths: Pick<Paths, 'service' | 'data'>, runId: string, path?: string): Script {
  return lines(
    raw('set -eu'),
    names(paths, runId, path),
    sh`service=${paths.service}`,
    mountedBelow,
    raw(`refuse() { printf '%s, so it cannot be replaced by a rename: restore to another folder with --to, and put it in place by hand\\n' "$1" >&2; exit 1; }
take_of "$data"
name_them
if [ -z "$take" ] && [ -L "$data" ]; then refuse "$data is a link"; fi
# A folder that is mounted from the same disk is told by this alone.
if command -v mountpoint >/dev/null && [ ! -L "$live" ] && mountpoint -q "$live"; then refuse "$live is a mount point"; fi
below=$(mounted_below "$live")
[ -z "$below" ] || refuse "$below is a mount point inside $live"
for one in "$live" "\${live%/*}"; do
  [ -d "$one" ] || continue
  if [ -L "$one" ] && [ "$one" = "$live" ]; then continue; fi
  [ "$(stat -Lc %d "$one")" = "$(stat -Lc %d "$service")" ] || refuse "$one is not on the disk of $service"
done
printf 'taken %s\\n' "$(printf '%s' "$take" | tr -dc / | wc -c)"`),
  )
}

/** Replaces the data, or one path in it, by what is staged; what was there is kept next to it. */
export function swapScript(paths: Pick<Paths, 'service' | 'data'>, runId: string, path?: string): Script {
  return lines(
    names(paths, runId, path),
    raw(`take_of "$data"
name_them
is_there "$new" || { echo "nothing is staged in $staging" >&2; exit 1; }
! is_there "$before" || { echo "$before already exists" >&2; exit 1; }
if [ -n "$take" ]; then (umask 077 && mkdir "$before" && mkdir -p "\${old%/*}"); fi
# An empty folder stands for data that were not there.
if is_there "$live"; then move "$live" "$old"; elif [ -z "$take" ]; then mkdir "$before"; fi
beside "$live" "$old"
move "$new" "$live"`),
  )
}

/** Puts the previous data back, if it was moved away. It does no harm when that was already done. */
export function swapBackScript(paths: Pick<Paths, 'service' | 'data'>, runId: string, path?: string): Script {
  return lines(
    dropFunction,
    names(paths, runId, path),
    raw(`if [ -d "$before" ]; then
  take_of "$before"
  name_them
  if ! is_there "$new"; then
    mkdir -p "\${new%/*}"
    beside "$live" "$new"
    if is_there "$live"; then move "$live" "$new"; fi
  fi
  if is_there "$old"; then
    # Somebody made it meanwhile, as a container does with a folder that is missing.
    if is_there "$live"; then move "$live" "$before.made"; fi
    move "$old" "$live"
  fi
  beside "$old" "$live"
  if [ -n "$take" ]; then drop "$before"; fi
fi
drop "$staging"`),
  )
}

/** Removes the staging folder: everything in it is in place by now. */
export function unstageScript(paths: Pick<Paths, 'service'>, runId: string): Script {
  return dropScript(stagingOf(paths, runId))
}
