import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import { beginScript } from '../scripts/begin.ts'
import { brokenFunction, meaningFunction } from '../scripts/meaning.ts'
import { passText } from '../scripts/copy.ts'
import type { PassText } from '../scripts/pass.ts'
import { pruneScript } from '../scripts/prune.ts'
import { publishedLine, publishedStatus, sealScript } from '../scripts/seal.ts'
import { finish } from './finish.ts'
import { unhealthy } from './gate.ts'
import type { Schedule } from './options.ts'
import { tell } from './ping.ts'
import type { Site } from './site.ts'

/** What a scheduled backup is made of. */
export interface Scheduled {
  readonly site: Site
  readonly options: Options
  readonly schedule: Schedule
  readonly settings: Settings
}

/** A shell function around a text in a subshell of its own, as an interactive run would send it. */
function step(name: string, ...texts: readonly Script[]): Script {
  return lines(raw(`${name}() ( set -eu\nexec 7>&- 8<&-`), ...texts, raw(')'))
}

/*
 * `run` leaves the exit status in `$code`: what it runs must not be in a condition, where `set -e` would not apply. What is
 * said goes to the journal and, at the end, to the pings.
 */
const functions = raw(`say() { printf '%s\\n' "$*" 2>/dev/null; printf '%s\\n' "$*" >>"$work/said"; }
stop() { why=$2; say "$2"; exit "$1"; }
made() { sed -n 's/.*"id":"\\([^"]*\\)".*"state":"\\([a-z]*\\)".*"files":\\([0-9]*\\),"bytes":\\([0-9]*\\),.*"newBytes":\\([0-9]*\\).*/\\2 snapshot \\1, files: \\3, bytes: \\4, new bytes: \\5/p' "$work/made"; }
broken_off() {
  if is_broken "$code"; then broken="the way to $host broke"
  elif has_changed "$code" "$work/err"; then broken="files of $service on $host changed while they were copied"
  fi
  stop 10 "$1"
}
run() {
  "$@" >"$work/out" 2>"$work/err"
  code=$?
  grep -v '^progress ' "$work/err" | tail -n 20 >"$work/shown"
  while IFS= read -r line; do say "$line"; done <"$work/shown"
}
ask() { sh "$work/reach" srv "$@" </dev/null 7>&- 8<&-; }`)

/**
 * The lease is held over a channel of its own, with a sign of life every ten seconds: when this machine is gone, the
 * other one brings the service back and ends the lease by itself.
 */
const leaseFunctions = raw(`take_lease() {
  until=$(($(date +%s) + wait))
  while :; do
    rm -f "$work/to" "$work/from"
    mkfifo "$work/to" "$work/from"
    sh "$work/reach" srv lease "$run" <"$work/to" >"$work/from" 2>"$work/err" &
    holder=$!
    exec 7>"$work/to" 8<"$work/from"
    answer=
    IFS= read -r answer <&8 || :
    case $answer in
    taken*) break ;;
    esac
    exec 7>&- 8<&-
    code=0
    wait "$holder" || code=$?
    holder=
    [ "$code" = 75 ] || stop 4 "the lease of $service could not be taken on $host: $answer $(tail -n 1 "$work/err")"
    by=\${answer#*'"actor":"'} by=\${by%%'"'*}
    [ "$(date +%s)" -lt "$until" ] || stop 8 "$by is working on $service on $host: no backup was made"
    say "waiting for $by, who is working on $service"
    sleep 15
  done
  ( exec 8<&-
    while kill -0 "$$" 2>/dev/null; do
      echo beat >&7 || exit
      sleep 10 7>&-
    done ) >/dev/null 2>&1 &
  beats=$!
}
end_lease() {
  [ -n "$holder" ] || return 0
  kill "$beats" 2>/dev/null
  echo end 2>/dev/null >&7
  exec 7>&-
  ended=0
  wait "$holder" || ended=$?
  holder=
  while IFS= read -r line; do say "$line"; done <&8
  exec 8<&-
  [ "$ended" = 0 ]
}`)

function copies({ settings: { consistency, dumps } }: Scheduled): Script {
  const failed = (name: string): string => `run ${name}
[ "$code" = 0 ] || broken_off "the data of $service on $host could not be copied: $(meaning "$code" "$work/err")"`
  const dumped =
    dumps.length === 0
      ? ''
      : `run ask dump "$run"
[ "$code" = 0 ] || stop 10 "$service on $host could not be dumped: $(sed -n '/^the dump /{s/:$//p;q;}' "$work/err")"
${failed('dumps')}
run ask undump "$run"
`
  if (consistency === 'live') return raw(`${dumped}${failed('copy')}`)
  return raw(`${dumped}${failed('warm')}
run ask hold "$run"
[ "$code" = 0 ] || stop 10 "$service on $host could not be held"
${failed('copy')}
run ask held "$run"
[ "$code" != 9 ] || stop 9 "the data of $service on $host disappeared while it was being copied: $(tail -n 1 "$work/err")"
[ "$code" = 0 ] || stop 10 "$service on $host was brought back up too early: the copy is not consistent"
run ask resume "$run"
case $code in
0) ;;
${String(unhealthy)}) sick="$service on $host was brought back up after its data was copied, and is not healthy: $(head -n 1 "$work/err")" ;;
*) stop 10 "$service on $host did not come back up as it was" ;;
esac`)
}

/**
 * The whole backup of one service into one vault, for the keeper to run by itself: the texts that srv sends for an
 * interactive one, in the same order. Exit status as of srv: 4, 8, 9, 10.
 */
export function runScript(scheduled: Scheduled): Script {
  const { site, options, schedule, settings } = scheduled
  const { vault } = site
  const id = raw('"$id"')
  const pass: Omit<PassText, 'into'> = {
    vault,
    from: 'srv:.',
    options,
    settings,
    hasWarm: settings.consistency !== 'live',
    shell: raw(' -e "sh $work/reach"'),
    isGated: true,
  }
  return lines(
    raw(`#!/bin/sh
# Written by srv: backs up one service. Do not change this file: change the config, and run srv schedule install.
{
LC_ALL=C
export LC_ALL
umask 077`),
    sh`home=${site.home} kept=${vault.base} host=${site.host} service=${site.service} wait=${schedule.wait} delay=${schedule.randomDelay}`,
    raw(`began=$(date +%s) asked=$(date -u +%Y-%m-%dT%H:%M:%SZ)
why= id= started= holder= beats= release= release_id= offered= of= mounts= clock= last= aborted= window=0 checksum=no unchecked=0 algorithm=md5
broken= sick= try=1 unheard='a ping was not accepted'
case \${1:-} in
--again) try=$2 began=$3 asked=$4 ;;
--cron) sleep "$(awk -v most="$delay" -v seed="$$" 'BEGIN { srand(); srand(int(rand() * 1000000) + seed * 4099); print int(rand() * most) }')" ;;
esac
roomless=
# Without one there is no backup, and that is told all the same.
work=$(mktemp -d) || { roomless=yes work=$home/work; rm -rf "$work"; mkdir "$work"; }
run=$(date -u +%Y%m%dT%H%M%SZ)-$$; echo "$$" >"$home/pid"
ping_start= ping_success= ping_failure=
[ ! -f "$home/pings" ] || . "$home/pings"`),
    functions,
    meaningFunction,
    brokenFunction,
    tell,
    leaseFunctions,
    finish,
    step('begin', beginScript(vault, id, options.checksumEvery, raw('"$offered"'), { of: raw('"$of"'), adopt: false })),
    step('warm', passText({ ...pass, into: 'warm' })),
    ...(settings.dumps.length === 0 ? [] : [step('dumps', passText({ ...pass, from: 'srv:dumps', into: 'dumps' }))]),
    step('copy', passText({ ...pass, into: 'data' })),
    step(
      'seal',
      sealScript({
        vault,
        id,
        begun: {
          last: raw('"$last"'),
          aborted: raw('"$aborted"'),
          window: raw('"$window"'),
          algorithm: raw('"$algorithm"'),
          unchecked: raw('"$unchecked"'),
        },
        options,
        startedAt: raw('"$started"'),
        clock: raw('"$clock"'),
        host: site.host,
        service: site.service,
        release: raw('"${release:-null}"'),
        releaseId: raw('"$release_id"'),
        before: '',
        mounts: raw('"$mounts"'),
        allowShrunk: false,
        allowEmpty: settings.allowEmpty,
      }),
    ),
    ...(options.keep === undefined ? [] : [step('prune', pruneScript(vault, options.keep))]),
    raw(`trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
[ -z "$roomless" ] || stop 10 "no temporary folder can be made on $(uname -n): no backup of $service on $host was made"
cp "$home/reach" "$work/reach" || stop 10 "$home/reach cannot be copied: no backup of $service on $host was made"
if [ "$try" = 1 ]; then
  say "backup of $service on $host"
  tell "$ping_start" "$work/said" || say "$unheard"
else cp "$home/log" "$work/said"
fi`),
    ...(site.isSame
      ? []
      : [
          raw(`SRV_MUX=$work/mux
export SRV_MUX
sh "$work/reach" srv </dev/null >"$work/err" 2>&1 || {
  # It was, when this began.
  [ "$try" = 1 ] || broken="the way to $host broke"
  stop 4 "$host cannot be reached: $(tail -n 1 "$work/err")"
}`),
        ]),
    raw(`take_lease
# A snapshot is named after the time from which on nobody else can have made one, and by a second that no other one has.
while :; do
  started=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  id=$(printf '%s' "$started" | tr -d ':-')
  [ -e "$kept/$id" ] || break
  sleep 1
done
run ask finish "$run"
[ "$code" = 0 ] || stop 10 "a run that died left $service on $host half done, and what it left could not be completed or undone"
# Not before: while this waited a disk may have gone, and a restore that died may have left the data elsewhere.
run ask source "$run"
[ "$code" = 0 ] || stop 9 "there is no data of $service on $host to copy: $(tail -n 1 "$work/out")"
offered=$(tail -n 1 "$work/out") of=$(sed -n 's/^of //p' "$work/out" | tail -n 1)
mounts=$(sed -n 's/^mount //p' "$work/out" | tr '\\n' ' ')
mounts=\${mounts% }
run ask release "$run"
if [ "$code" = 0 ]; then
  release=$(grep -v '^clock ' "$work/out" | head -n 1)
  release_id=$(printf '%s\\n' "$release" | sed -n 's/^{"id":"\\([A-Za-z0-9._-]*\\)".*/\\1/p')
  clock=$(sed -n 's/^clock \\([0-9.]*\\)$/\\1/p' "$work/out" | tail -n 1)
else say "it is unknown which release of $service serves on $host"
fi
run begin
[ "$code" = 0 ] || stop 10 "the backup of $service on $host could not start: $(tail -n 1 "$work/err")"
while read -r name value; do
  case $name in
  owner) stop 9 "the snapshots of $service there belong to another machine, $value, and $host is $of: no backup was made" ;;
  inside) stop 9 "the snapshots of $service would be inside its data, $value, or the data inside the snapshots: no backup was made" ;;
  last) [ "$value" = - ] || last=$value ;;
  aborted) aborted=$value ;;
  window) window=$value ;;
  checksum) checksum=$value ;;
  unchecked) unchecked=$value ;;
  algorithm) algorithm=$value ;;
  esac
done <"$work/out"`),
    copies(scheduled),
    raw(`run seal
[ "$code" != ${String(publishedStatus)} ] ||
  stop 10 "the snapshot $id of $service on $host was published, but what is done behind that failed: $(grep -vxF '${publishedLine}' "$work/err" | tail -n 1)"
[ "$code" = 0 ] || stop 10 "the snapshot $id of $service on $host could not be published: $(if full "$work/err"; then meaning "$code" "$work/err"; else tail -n 1 "$work/err"; fi)"
cp "$work/out" "$work/made"
say "$(made)"
grep -q '"state":"good"' "$work/made" ||
  stop 10 "the snapshot $id of $service on $host is suspect: $(sed 's/.*"note":"\\([^"]*\\)".*/\\1/' "$work/made")"`),
    ...(options.keep === undefined
      ? []
      : [
          raw(`run prune
[ "$code" = 0 ] || stop 10 "the snapshot $id of $service on $host was made, but older ones could not be removed: $(tail -n 1 "$work/err")"
sed -n 's/^keep \\(.* unreadable: \\)/\\1/p; s/^reading \\(.*\\)/\\1 is being read: it stays until the next prune/p' "$work/out" | while IFS= read -r line; do say "$line"; done`),
        ]),
    raw(`# What was copied is kept all the same.
[ -z "$sick" ] || stop 10 "$sick"
note=$(sed 's/.*"note":"\\([^"]*\\)".*/\\1/' "$work/made")
why="snapshot $id\${note:+ has $note}"
exit 0
}`),
  )
}
