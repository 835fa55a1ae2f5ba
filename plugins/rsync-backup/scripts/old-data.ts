import { lines, raw, sh, type Paths, type Script } from '../../../src/index.ts'
import { mountedAt } from './mounts.ts'

/**
 * Prints what restores have left in the folder of a service, a line for each, with when it last changed by the clock of the
 * host: `old 1764381525 data.before-20261122T140311Z-1f3a`. It looks into none of it, since that takes long. The time of now
 * comes first. A link or a file is none, but for what somebody had made where a restore was undone.
 */
export function oldDataScript({ service }: Pick<Paths, 'service'>): Script {
  return lines(
    sh`service=${service}`,
    raw(`printf 'now %s\\n' "$(date +%s)"
for one in "$service"/data.before-* "$service"/dumps.before-* "$service"/.trash-data.before-* "$service"/.trash-dumps.before-*; do
  name=\${one##*/}
  case $name in
  *[!A-Za-z0-9.-]*) continue ;;
  *.made) ;;
  *) if [ -L "$one" ] || [ ! -d "$one" ]; then continue; fi ;;
  esac
  changed=$(stat -c %Z "$one" 2>/dev/null) || continue
  printf 'old %s %s\\n' "$changed" "$name"
done`),
  )
}

/*
 * It is taken out of sight by a rename first, so that half of it never looks like all of it; what a removal that was cut off
 * left there, the next one removes. Nothing is removed with a mount point in it, as the kernel lists them: a folder that is
 * mounted from the same disk has the same device number.
 */
const removing = raw(`fail() { printf '%s\\n' "$1" >&2; exit 1; }
mounted_in() {
  among=$1 LC_ALL=C awk 'BEGIN { base = ENVIRON["among"] "/" }
!found { ${mountedAt}
  if (index(at "/", base) == 1) { print at; found = 1 } }' /proc/self/mountinfo
}
only=
if rm --one-file-system --help >/dev/null 2>&1; then only=--one-file-system; fi
delete() { rm -rf $only "$1" || { [ "$(id -u)" != 0 ] && sudo -n rm -rf $only "$1"; }; }
[ ! -e "$open" ] || fail "run $(cat "$open") is restoring data there"
[ -r /proc/self/mountinfo ] || fail 'what is mounted there cannot be told, without /proc/self/mountinfo'
inside=$(mounted_in "$here/$name")
[ -z "$inside" ] || fail "$inside is a mount point"
gone=$here/.trash-\${name#.trash-}
[ "$gone" = "$here/$name" ] || mv -T "$here/$name" "$gone"
if [ "$(id -u)" != 0 ]; then find "$gone" -xdev -type d ! -perm -700 -exec chmod u+rwx {} \\; 2>/dev/null || :; fi
problem=$(delete "$gone" 2>&1) || fail "$(printf '%s\\n' "$problem" | sed 1q); what is left of it is in $gone"`)

/** Removes one of those that `oldDataScript` printed, by its name; not while a restore is open. */
export function removeOldDataScript({ service, state }: Pick<Paths, 'service' | 'state'>, name: string): Script {
  return lines(
    raw('set -eu'),
    sh`open=${`${state}/restore/open`} name=${name}`,
    sh`here=$(cd -P ${service} && pwd -P)`,
    removing,
  )
}
