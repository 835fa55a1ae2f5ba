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
 * The frame in pieces, which are put together at the end of this file. `$body` is the process id of the body, and the id of
 * its process group as soon as it has one. Names that are assigned before the body starts are in its environment when they
 * were in the shell's: hence only `srv_session`.
 */

/**
 * Whether anything of the body runs. A group of which we may signal nothing, because sudo is in it, does; a group of zombies,
 * which a container without a reaping init keeps, does not. A body that was only just started has no group yet: then it is
 * asked for itself. In a stat file, state, parent and process group follow the name, which is in parentheses.
 */
const isAlive = `is_alive() {
said=$(LC_ALL=C kill -0 "-$body" 2>&1) || case $said in
*ermitted*) return 0 ;;
*) kill -0 "$body" 2>/dev/null; return ;;
esac
[ -r /proc/self/stat ] || return 0
for stat_file in /proc/[0-9]*/stat; do
read -r stat_line 2>/dev/null <"$stat_file" || continue
set -- \${stat_line##*) }
[ "$3" = "$body" ] && [ "$1" != Z ] && return 0
done
return 1
}`

/** Sleeps, and counts: not every `sleep` takes a part of a second. */
const nap = `nap() {
sleep 0.1 2>/dev/null || sleep 1
naps=$((naps + 1))
}`

/** Sends a signal to the body's group; to the body itself, while it has none, or it would begin after all. */
const signalBody = (signal: 'TERM' | 'KILL'): string =>
  `kill -${signal} "-$body" || { kill -${signal} "$body"; kill -${signal} "-$body"; }`

/**
 * Waits for the end of the switch, and ends the body: TERM, the grace, KILL, and a second to see that nothing is left. It
 * does not heed the signals of whoever ends the frame meanwhile.
 */
const watchSwitch = `read -r _ <&3
trap '' TERM HUP INT
exec 3<&-
${signalBody('TERM')}
began=$(date +%s) naps=0
while is_alive && [ "$(($(date +%s) - began))" -lt ${graceMs / 1000} ]; do nap; done
${signalBody('KILL')}
naps=0
while is_alive && [ "$naps" -lt 10 ]; do nap; done
is_alive && exit ${notStoppedCode}
exit ${stoppedCode}`

/** Behind the body: watches the switch beside it, and ends as the body did, or as the watch did when it ended the body. */
const watch = `
body=$!
exec >/dev/null 2>&1
${isAlive}
${nap}
{
${watchSwitch}
} &
watch=$!
exec 3<&-
wait "$body"
body_code=$?
kill "$watch"
wait "$watch"
watch_code=$?
[ "$watch_code" -ne ${stoppedCode} ] && [ "$watch_code" -ne ${notStoppedCode} ] || exit "$watch_code"
exit "$body_code"
}
`

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
srv_session=setsid
command -v setsid >/dev/null 2>&1 || { srv_session=; set -m; }
$srv_session /bin/sh -s 3<&- <<'${mark}' &
{
exec </dev/null
${body}

}
${mark}${watch}`
}
