import { lines, lockFunction, raw, sh, type Script } from '../../../src/index.ts'
import type { Vault } from '../vault.ts'

/** A value that is known when a text is sent, or the shell variable that holds it when the text runs without srv: `raw('"$id"')`. */
export type Value = string | Script

/**
 * Shell function `remove PATHS`: removes what may have folders that its own user may not write to or look into. Modes of files are
 * left alone: they may be those of other snapshots too.
 */
export const removeFunction = raw(`remove() {
  for gone in "$@"; do
    [ -e "$gone" ] || [ -L "$gone" ] || continue
    [ "$(id -u)" = 0 ] || find "$gone" -type d ! -perm -700 -exec chmod u+rwx {} \\;
    rm -rf "$gone"
  done
}`)

/**
 * Names the folder of a service's snapshots on its keeper and the functions that scripts share. Whoever works with
 * snapshots works alone there: two at a time would interfere with each other's publishing and removing.
 */
export function prologue({ base }: Pick<Vault, 'base'>): Script {
  return lines(
    // The manifest has times as rsync prints them, on whichever machine: in one time zone.
    raw(`LC_ALL=C TZ=UTC0
export LC_ALL TZ
umask 077
fail() { printf '%s\\n' "$1" >&2; exit 1; }`),
    lockFunction,
    removeFunction,
    sh`base=${base}`,
    raw(`# Whether what describes a snapshot is whole, and says that it is in one of these states.
whole() {
  awk -v state="\\"state\\":\\"(\${2:-good|suspect})\\"" '/^[{].*[}]$/ && $0 ~ state && !/"(files|bytes)":([^0-9]|[0-9]+[^0-9,}])/ { whole = 1 }
END { exit whole ? 0 : 1 }' "$base/$1/snapshot.json" 2>/dev/null
}
# Whether it is what was written, without or with a pin. One from before there was a sum of it is believed, and a tool that
# fails says nothing of it.
unchanged() {
  [ -e "$base/$1/snapshot.sum" ] || return 0
  sum_bare= sum_pinned=
  read -r sum_bare sum_pinned <"$base/$1/snapshot.sum" || :
  sum_now=$(sha256sum 2>/dev/null <"$base/$1/snapshot.json") || return 0
  case "\${sum_now%% *}" in "$sum_bare" | "$sum_pinned") ;; *) return 1 ;; esac
}
described() { whole "$@" && unchanged "$1"; }
is_good() { described "$1" good; }
all() { ls -1 "$base" 2>/dev/null | grep -E '^[0-9]{8}T[0-9]{6}Z$' | sort -r; }
said() { sed -n "s/.*\\"$2\\":\\"\\{0,1\\}\\([^,\\"}]*\\).*/\\1/p" "$base/$1/snapshot.json"; }
# Names the moment so many seconds from now as a snapshot of then would be.
moment() { date -u -d "@$(($(date +%s) + $1))" +%Y%m%dT%H%M%SZ; }
# One that is dated further ahead, by a clock that was wrong, would be the newest for as long.
newest_good() { all | awk -v most="$(moment 600)" '$1 <= most' | while read -r one; do if is_good "$one"; then echo "$one"; break; fi; done; }
# What a user other than root cannot store as it is, rsync keeps beside it.
if [ "$(id -u)" = 0 ]; then fake=; else fake=--fake-super; fi`),
  )
}

/** Has a text work alone in `$base` from here on, behind the prologue; it makes the file in a folder that is there. */
export const aloneText: Script = raw(`exec 9>"$base/.lock"
srv_lock 300 || fail "another backup works in $base"`)

/** How rsync prints an entry, so that it can be told from anything else and taken apart whatever its name is. */
export const format = '=%i|%C|%B|%U|%G|%l|%M|%n|%L|%n'
