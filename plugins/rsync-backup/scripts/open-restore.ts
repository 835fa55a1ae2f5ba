import { lines, raw, sh, type LeaseTexts, type Paths, type Script } from '../../../src/index.ts'
import { endGate } from '../way/far.ts'
import { dropFunction, dropScript } from './drop.ts'

/** A run that puts other data in place, on one host. */
export interface Switching {
  readonly paths: Pick<Paths, 'instance' | 'state'>
  readonly runId: string
}

/*
 * `.srv/restore/open` names the run that is changing the data, from before anything is stopped until what serves was
 * proved or put back; `release` tells which release the data of before belong to. `back` is there from then on until what
 * ran runs again: data that are whole keep nobody out, also where the app does not start.
 */
function names({ paths, runId }: Switching): Script {
  return lines(
    sh`restore=${`${paths.state}/restore`} runs=${runId} instance=${paths.instance}`,
    raw(`names_us() { [ "$(cat "$1" 2>/dev/null)" = "$runs" ]; }
is_open() { names_us "$restore/open"; }
is_over() { ! is_open && ! names_us "$restore/back"; }
close_it() {
  printf '%s\\n' "$runs" >"$restore/back"
  rm -f "$restore/open" "$restore/release"
  flush "$restore"
}
release_now() { readlink "$instance/current" 2>/dev/null || git -C "$instance" rev-parse HEAD 2>/dev/null || :; }
flush() { sync "$1" 2>/dev/null || sync; }`),
  )
}

/** Says that a run is about to change the data. */
export function openScript(switching: Switching): Script {
  return lines(
    raw('( set -eu'),
    names(switching),
    raw(`(umask 077 && mkdir -p "$restore")
release_now >"$restore/release"
flush "$restore/release"
printf '%s\\n' "$runs" >"$restore/open.new"
flush "$restore/open.new"
mv -f "$restore/open.new" "$restore/open"
rm -f "$restore/put-back" "$restore/back"
flush "$restore"
)`),
  )
}

/** The text, unless this run has already said that it is about to change the data. */
export function unlessOpen(switching: Switching, text: Script): Script {
  return lines(raw('( set -eu'), names(switching), raw('if ! is_open; then'), text, raw('fi\n)'))
}

/** Says that the run is through, so that nothing is to be put back any more, and starts what ran. */
export function closeScript(switching: Switching, resume: Script): Script {
  return lines(
    raw('( set -eu'),
    names(switching),
    raw('if is_open; then close_it; fi'),
    resume,
    raw('rm -f "$restore/back"\n)'),
  )
}

/*
 * Nobody else changes the data at the same time, even when the lease of a run that is still working was released by name.
 * What is started meanwhile must not inherit the lock.
 */
function locked(texts: readonly Script[]): Script {
  return lines(raw('( set -eu\nexec 8>"$restore/.lock"\nflock 8\n( set -eu'), ...texts, raw(') 8>&-\n)'))
}

/** Texts that change the data, under the lock. */
export function aloneScript(switching: Switching, ...texts: readonly Script[]): Script {
  return lines(raw('( set -eu'), names(switching), locked(texts), raw(')'))
}

/** What the host does by itself about a run that is gone. */
export interface Ending {
  /** The lease of whoever completes it, whose run is in `$SRV_RUN`. */
  readonly lease: Pick<LeaseTexts, 'take' | 'keep' | 'regain' | 'release'>
  /** Puts back the data of before. */
  readonly putBack: Script
  /** Takes away what was staged: for a release that belongs to the data that are in place by now. */
  readonly keep: Script
  /** Starts what ran, once the data are whole. */
  readonly resume: Script
}

/**
 * Shell text for the host itself: waits until the run gives no sign of life any more, takes its lease, which stops what is
 * left of it, and then puts the previous data back. After a change of the release the data of the snapshot stays: neither
 * release ever sees the data of the other. A caller that already has the lease says so by `SRV_RUN` in the environment.
 */
export function endingScript(switching: Switching, { lease, putBack, keep, resume }: Ending): Script {
  return lines(
    names(switching),
    // A timer that is taken away leaves this shell behind: it must not take the lease of a run that is through meanwhile.
    raw(`! is_over || exit 0
given=\${SRV_RUN:-}
unset SRV_RUN
SRV_RUN=\${given:-$runs-end} free=no
[ -z "$given" ] || free=yes
while [ "$free" = no ]; do
  ! is_over || exit 0
  set +e
  ( set -eu`),
    lease.take,
    raw(`  ) >/dev/null 2>&1
  code=$?
  set -e
  case $code in
  0) free=yes ;;
  75) sleep 2 ;;
  *) exit "$code" ;;
  esac
done
( while sleep 10 && kill -0 "$$" 2>/dev/null; do
    ( set -eu`),
    lease.keep,
    raw(`    ) || exit
  done ) >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
beats=$!
# Also where it could not be done: whoever comes next does it again, and is told why.
over() {
  code=$?
  trap - EXIT
  kill "$beats" 2>/dev/null || :
  if [ -z "$given" ]; then
    set +e
    ( set -eu`),
    lease.release,
    raw(`    ) >/dev/null
  fi
  exit "$code"
}
trap over EXIT`),
    locked([
      raw(`if is_open; then
if [ ! -s "$restore/release" ] || [ "$(release_now)" = "$(cat "$restore/release")" ]; then
said='the previous data is back'`),
      putBack,
      raw(`else
said='the release that it went back to serves, with the data that belongs to it'`),
      keep,
      raw('fi'),
      raw(`printf 'run %s was cut off while it restored data: since %s %s\\n' "$runs" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$said" >"$restore/put-back.new"
mv -f "$restore/put-back.new" "$restore/put-back"
close_it
fi`),
      resume,
      raw('rm -f "$restore/back"'),
    ]),
  )
}

/** Says where a run brings a snapshot to that is for a folder elsewhere: when it dies, the next run removes that. */
export function besideScript({ state }: Pick<Paths, 'state'>, staging: string): Script {
  return lines(
    sh`restore=${`${state}/restore`} staging=${staging}`,
    raw(`(umask 077 && mkdir -p "$restore" && printf '%s\\n' "$staging" >"$restore/beside")`),
  )
}

/** Removes it, if it is still there, and what was said about it. */
export function dropBesideScript({ state }: Pick<Paths, 'state'>, staging: string): Script {
  return lines(dropScript(staging), sh`rm -f ${`${state}/restore/beside`}`)
}

/** Prints what people should know about a restore that is not over, or that the host has undone. */
export function tellScript({ state }: Pick<Paths, 'state'>): Script {
  return lines(
    sh`restore=${`${state}/restore`}`,
    raw(`if [ -f "$restore/open" ]; then
  echo "run $(cat "$restore/open") is restoring data: if it dies, the host puts the previous data back"
else cat "$restore/put-back" 2>/dev/null || :; fi`),
  )
}

/** The same for a run that has the lease, after the timer of a dead run was fired: it is reported once. */
export function forgetScript({ service, state }: Pick<Paths, 'service' | 'state'>): Script {
  return lines(
    raw('( set -eu'),
    sh`restore=${`${state}/restore`} service=${service}`,
    // Without a timer, nothing had been touched yet. What a dead run copied is of no use to another one.
    endGate,
    dropFunction,
    raw(`rm -f "$restore/open" "$restore/release" "$restore/back"
for one in "$service"/.restore-*; do
  # Its keeper may still be writing there.
  for gate in "$HOME"/.ssh/srv-link-*-"\${one##*/.restore-}"; do
    if [ -e "$gate" ]; then end_gate "$gate"; fi
  done
  if [ -e "$one" ]; then drop "$one" 2>&1; fi
done
for one in "$service"/.dumps-*; do
  if [ -e "$one" ]; then drop "$one" 2>&1; fi
done
if [ -f "$restore/beside" ]; then
  one=$(cat "$restore/beside")
  case $one in /*.restore-*) drop "$one" 2>&1 ;; esac
  rm -f "$restore/beside"
fi
if [ -f "$restore/put-back" ]; then cat "$restore/put-back"; rm -f "$restore/put-back"; fi
)`),
  )
}
