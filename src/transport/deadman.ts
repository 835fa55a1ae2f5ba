/** Exit status of the frame when it was told to stop and the process group of the body is gone. */
export const stoppedCode = 243
/** Exit status of the frame when it was told to stop and something of the body may still run. */
export const notStoppedCode = 244
/** Milliseconds between TERM and KILL. */
export const graceMs = 5000

/** The command line that reads a frame: the same for every script, so that nothing of a script is in an argument list. */
export function frameCommand(sudo = false): string {
  return sudo ? 'exec sudo -n -- /bin/sh -s' : 'exec /bin/sh -s'
}

/*
 * `alive` looks at the process group of the body. A group of which we may signal nothing, because sudo is in it, lives;
 * a group of zombies, which a container without a reaping init keeps, does not. A body that was only just started has no
 * group yet: then the process itself is told to end, or it would begin after all.
 */
const watch = String.raw`
p=$!
exec >/dev/null 2>&1
alive() {
m=$(LC_ALL=C kill -0 "-$p" 2>&1) || case $m in *ermitted*) return 0 ;; *) kill -0 "$p" 2>/dev/null; return ;; esac
[ -r /proc/self/stat ] || return 0
for f in /proc/[0-9]*/stat; do
read -r l 2>/dev/null <"$f" || continue
set -- \${l##*) }
[ "$3" = "$p" ] && [ "$1" != Z ] && return 0
done
return 1
}
nap() { sleep 0.1 2>/dev/null || sleep 1; n=$((n + 1)); }
{
read -r _ <&3
trap '' TERM HUP INT
exec 3<&-
kill -TERM "-$p" || { kill -TERM "$p"; kill -TERM "-$p"; }
b=$(date +%s) n=0
while alive && [ "$(($(date +%s) - b))" -lt GRACE ]; do nap; done
kill -KILL "-$p" || { kill -KILL "$p"; kill -KILL "-$p"; }
n=0
while alive && [ "$n" -lt 10 ]; do nap; done
alive && exit NOT
exit YES
} &
w=$!
exec 3<&-
wait "$p"
r=$?
kill "$w"
wait "$w"
a=$?
[ "$a" -ne YES ] && [ "$a" -ne NOT ] || exit "$a"
exit "$r"
}
`
  .replaceAll(String.raw`\$`, '$')
  .replace('GRACE', String(graceMs / 1000))
  .replaceAll('YES', String(stoppedCode))
  .replaceAll('NOT', String(notStoppedCode))

/**
 * The text that is sent to `/bin/sh -s` to run a script under a dead man's switch.
 *
 * Closing a channel ends nothing on the host, and sshd refuses signals for root. So the body runs in a session of its
 * own, and standard input is held open as the switch: when it ends, because the client wants that or died, or because the
 * link was cut, the body's process group is ended with TERM, then KILL. When the body ends by itself its exit status is
 * passed on, and daemons that it left behind go on.
 *
 * The mark comes first on both streams, so that what a login shell prints by itself can be told from the output of the body;
 * it ends the here-document as well.
 *
 * Both the frame and the body are one compound command each, which a shell reads to the end before it runs any of it:
 * shells that read ahead would lose what else comes on standard input.
 */
export function frame(body: string, mark: string): string {
  return `{
exec 3<&0
echo '${mark}'
echo '${mark}' >&2
s=setsid
command -v setsid >/dev/null 2>&1 || { s=; set -m; }
$s /bin/sh -s 3<&- <<'${mark}' &
{
exec </dev/null
${body}

}
${mark}${watch}`
}
