import { lines, raw, sh, type Paths, type Script } from '../../../src/index.ts'
import type { RehearsalRecord } from '../rehearsal.ts'
import type { Vault } from '../vault.ts'
import { aloneText, prologue } from './prologue.ts'
import { freeScript } from './room.ts'
import { armScript, disarmScript } from './timer.ts'

/** Where a rehearsal takes place: the lease allows one at a time, and the next one removes what a dead one left. */
export function scratchOf({ service }: Pick<Paths, 'service'>): string {
  return `${service}/.rehearsal`
}

/** The snapshot as it lies in scratch, in the layout of a keeper, so that what verifies there verifies here too. */
export function restoredIn(folder: string, id: string): { readonly base: string; readonly data: string } {
  return { base: folder, data: `${folder}/${id}/data` }
}

/** A container may have written as root what the login user is not allowed to remove. */
const removal = raw(`if [ -e "$folder" ]; then
  chmod -R u+rwX "$folder" 2>/dev/null || :
  rm -rf "$folder" 2>/dev/null || sudo -n rm -rf "$folder" || { echo "$folder cannot be removed" >&2; exit 1; }
fi`)

/** Ends what runs in scratch, and removes it; it does no harm when there is nothing. */
export function clearScript(folder: string, end: Script): Script {
  return lines(
    sh`folder=${folder}`,
    raw('if [ -e "$folder" ]; then\n( set -eu'),
    end,
    raw(')'),
    disarmScript(timerOf(folder)),
    raw('fi'),
    removal,
  )
}

/**
 * Makes a folder for a whole copy, and prints how much room there is for it; what the service
 * has now is not used for it, because a restore after a loss could not use it either. Others may pass through the folder but
 * not list it: the app may run as another user.
 */
export function roomScript(folder: string): Script {
  return lines(
    sh`folder=${folder}`,
    raw(`mkdir "$folder"
chmod 711 "$folder"`),
    freeScript(folder),
  )
}

/** Gives the app access to the data, whoever it runs as: the folder of a snapshot is only for its keeper. */
export function openScript(folder: string, id: string): Script {
  return sh`chmod 711 ${`${folder}/${id}`}`
}

/**
 * Has links of the copy that name the live data by its full path lead to the copy itself, as they would lead to what was
 * restored: the app that is rehearsed would write to live files through them.
 */
export function leadInwardsScript(live: string, copy: string): Script {
  const text = `live=$1 copy=$2
shift 2
for link; do
  to=$(readlink "$link")
  case $to in "$live" | "$live"/*) ln -sfn "$copy\${to#"$live"}" "$link" ;; esac
done`
  return sh`find ${copy} -type l -exec sh -ec ${text} sh ${live} ${copy} {} +`
}

/**
 * Prints a port that nothing of the host listens on or uses: below those that the kernel gives out by itself. Without
 * /proc it is one by chance.
 */
export const freePort: Script = raw(`cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v seed="$$" '
  { n = split($2, part, ":"); used[part[n]] = 1 }
  END {
    srand()
    srand(int(rand() * 1000000) + seed)
    for (at = 0; at < 1000; at++) {
      port = 20000 + int(rand() * 12000)
      if (!(sprintf("%04X", port) in used)) { print port; exit }
    }
    exit 1
  }'`)

/** What is rehearsed in scratch. */
export interface Play {
  readonly folder: string
  readonly service: string
  readonly seconds: number
  /** Stops what was started. */
  readonly end: Script
  /** Starts the databases of the release alone, and puts the dumps of the snapshot in them. */
  readonly dumps?: { readonly begin: Script; readonly load: Script }
  /** Starts the release and waits for its health; nothing when only data are there. */
  readonly release?: { readonly begin: Script; readonly gate: Script }
  /** What comes before the assertion: the folder and the variables. */
  readonly enter: Script
  readonly assert?: { readonly command: string; readonly timeoutSeconds: number }
}

/** Two timers on one host are told apart by their folder. */
function timerOf(folder: string): { readonly service: string; readonly state: string } {
  return { service: 'rehearsal', state: folder }
}

function part(name: string, text: Script): Script {
  return lines(sh`part=${name}`, raw('( set -eu'), text, raw(')'))
}

/*
 * `timeout` leads a process group of its own, which no signal for ours reaches: it is passed on. That of busybox takes
 * the place of the command, in our group.
 */
function assertText(enter: Script, { command, timeoutSeconds }: NonNullable<Play['assert']>): Script {
  return lines(
    enter,
    raw('limit=\nif command -v timeout >/dev/null; then'),
    sh`limit=${`timeout ${String(timeoutSeconds)}`}`,
    raw('fi'),
    sh`$limit sh -ec ${command} & asked=$!`,
    raw(`pass_on() {
  trap '' HUP INT TERM
  kill -TERM "$asked" 2>/dev/null || :
  tries=0
  while [ "$tries" -lt 15 ] && kill -0 "$asked" 2>/dev/null; do tries=$((tries + 1)); sleep 0.1; done
  kill -KILL "-$asked" 2>/dev/null || kill -KILL "$asked" 2>/dev/null || :
  exit 143
}
trap pass_on HUP INT TERM
code=0
wait "$asked" || code=$?
trap - HUP INT TERM
[ "$code" != 124 ] || [ -z "$limit" ] || { echo 'it took longer than its limit' >&2; exit 1; }
[ "$code" = 0 ] || { echo "it exited with status $code" >&2; exit 1; }`),
  )
}

/**
 * Starts the release in scratch, waits for its health, asks the user's assertion, and ends it all, whatever happens: at
 * its own end and on signals by a trap, and when not even that runs by a timer of the host. In one command, so that srv's
 * dead man's switch reaches all of it. Its last line on stderr names the part that failed.
 */
export function playScript({ folder, service, seconds, end, dumps, release, enter, assert }: Play): Script {
  return lines(
    raw('( set -eu'),
    ...(release === undefined ? [] : [armScript({ ...timerOf(folder), resume: end, seconds })]),
    sh`service=${service} part=`,
    raw(`finish() {
( set -eu`),
    end,
    raw(')\nended=$?'),
    disarmScript(timerOf(folder)),
    raw(`[ "$ended" = 0 ] || { part=end; return "$ended"; }
}
over() {
  code=$?
  trap - EXIT
  trap '' HUP INT TERM
  set +e
  failed=$part
  finish
  ended=$?
  [ "$code" != 0 ] || { code=$ended; failed=$part; }
  [ "$code" = 0 ] || echo "srv: failed in $failed" >&2
  exit "$code"
}
trap over EXIT
trap 'exit 143' HUP INT TERM`),
    ...(dumps === undefined ? [] : [part('dumps', dumps.begin), part('dumps', dumps.load)]),
    ...(release === undefined ? [] : [part('release', release.begin), part('health', release.gate)]),
    ...(assert === undefined ? [] : [part('assert', assertText(enter, assert))]),
    raw('part=end'),
    raw(')'),
  )
}

/** Prints the proofs that the keeper has, oldest first. It comes after the list of snapshots. */
export function provenScript({ base }: Pick<Vault, 'base'>): Script {
  return sh`cat ${`${base}/rehearsals.jsonl`} 2>/dev/null || :`
}

/** Adds the proof to those that the keeper has of this service; the newest 200 stay. */
export function recordScript(vault: Vault, record: RehearsalRecord): Script {
  return lines(
    prologue(vault),
    sh`line=${JSON.stringify(record)}`,
    aloneText,
    raw(`{ tail -n 199 "$base/rehearsals.jsonl" 2>/dev/null || :; printf '%s\\n' "$line"; } >"$base/.rehearsals.new"
mv -f "$base/.rehearsals.new" "$base/rehearsals.jsonl"`),
  )
}
