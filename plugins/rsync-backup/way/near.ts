import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { reachScript, type Way } from '../schedule/reach.ts'
import type { Link } from './link.ts'

/** Seconds to wait for a machine that does not answer: addresses that lead nowhere are common. */
const connectSeconds = 8

/* A folder in `/tmp` has to be this user's own, or it is ignored, so that nobody else can plant one. */
function names({ machines, own, tag, run }: Link): Script {
  return lines(
    raw('set -eu'),
    sh`machines=${machines} own=${own} run=${run} link=${folderOf(tag)}`,
    raw(`LC_ALL=C
export LC_ALL
umask 077
fail() { printf '%s\\n' "$1" >&2; exit 1; }
is_ours() { [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ]; }
control() { ssh -F /dev/null -S "$1/mux" -O "$2" srv </dev/null >/dev/null 2>&1; }
hang_up() { control "$1" exit || :; rm -rf "$1"; }`),
  )
}

/** The folder of a connection on the machine that logs in: short, for the path of a socket has little room. */
export function folderOf(tag: string): string {
  return `/tmp/${tag}`
}

/** Prints `open <tag>` when there is a connection already, and `refused <why>` when there can be none. */
export function lookScript(link: Link): Script {
  return lines(
    names(link),
    raw(`for one in /tmp/"$machines"-*-"$run"; do
  is_ours "$one" || continue
  if [ -f "$one/refused" ]; then printf 'refused %s\\n' "$(cat "$one/refused")"; exit 0; fi
  if control "$one" check; then printf 'open %s\\n' "\${one##*/}"; exit 0; fi
done`),
  )
}

/**
 * Asks whether the other machine is there and has the key that srv saw, without a key that could log in; then makes that key,
 * which never leaves this machine, and prints its public half.
 */
export function prepareScript(link: Link, to: Way): Script {
  return lines(
    names(link),
    raw(`for tool in ssh ssh-keygen; do command -v "$tool" >/dev/null || fail "there is no $tool"; done
for one in /tmp/"$own"-*; do if is_ours "$one"; then hang_up "$one"; fi; done
mkdir "$link" || fail "$(id -un) cannot create $link"
cat >"$link/known_hosts" <<'SRV_LINK_FILE'`),
    raw(`srv ${to.hostKey}\nSRV_LINK_FILE\ncat >"$link/reach" <<'SRV_LINK_FILE'`),
    reachScript({ home: folderOf(link.tag), gate: '', isSame: false }, to, connectSeconds),
    raw(`SRV_LINK_FILE
code=0
said=$(sh "$link/reach" srv true </dev/null 2>&1) || code=$?
case "$code $said" in
0\\ * | *'Permission denied'*) ;;
*) fail "$(printf '%s\\n' "$said" | tail -n 1 | tr -d '\\r')" ;;
esac
ssh-keygen -q -t ed25519 -N '' -C "\${link##*/}" -f "$link/key" </dev/null >&2
printf 'key %s\\n' "$(cut -d ' ' -f 1,2 "$link/key.pub")"`),
  )
}

/** Logs in, once: the connection stays until it is hung up, or nobody used it for two minutes. The key goes at once. */
export function logInScript(link: Link): Script {
  return lines(
    names(link),
    raw(`SRV_MUX=$link/mux
export SRV_MUX
code=0
sh "$link/reach" srv </dev/null >"$link/said" 2>&1 || code=$?
rm -f "$link/key" "$link/key.pub"
[ "$code" = 0 ] || fail "$(tail -n 1 "$link/said" | tr -d '\\r')"`),
  )
}

/** Remembers for the rest of the run that there is no way, so that nobody waits for it again. */
export function refuseScript(link: Link, why: string): Script {
  return lines(
    names(link),
    raw('if is_ours "$link"; then hang_up "$link"; fi\nmkdir "$link"'),
    sh`printf '%s\n' ${why} >"$link/refused"`,
  )
}

/** Ends all connections of a run between two machines. */
export function hangUpScript(link: Link): Script {
  return lines(
    names(link),
    raw('for one in /tmp/"$machines"-*-"$run"; do if is_ours "$one"; then hang_up "$one"; fi; done'),
  )
}

/** What stands in front of an rsync whose remote shell is a connection, and the words that tell it so. */
export function overLink(tag: string): { readonly before: Script; readonly shell: Script } {
  return {
    before: lines(sh`link=${folderOf(tag)}`, raw('SRV_MUX=$link/mux\nexport SRV_MUX')),
    shell: raw(' -e "sh $link/reach"'),
  }
}
