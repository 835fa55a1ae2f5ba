import { createHash } from 'node:crypto'
import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { bootUnit } from './boot-unit.ts'
import type { Value } from './prologue.ts'
import { maySystem, mayUser, systemdFunctions } from './systemd.ts'

/** What a timer is for: one service on one host. */
export interface Timed {
  readonly service: string
  /** `/srv/<service>/.srv` */
  readonly state: string
}

/** A timer that is to be set. */
interface Alarm extends Timed {
  /** The text that brings the service back; it does no harm when that was already done. */
  readonly resume: Script
  /** How long the service may be down: a whole number. */
  readonly seconds: number
}

/*
 * `$unit` differs between two hosts of the config that are one machine. What a timer starts has to outlive the timer's own
 * unit, so only the shell in it is ever killed.
 */
function prologue({ service, state }: Timed): Script {
  return lines(
    sh`folder=${`${state}/timer`} unit=${`srv-resume-${service}-${createHash('sha256').update(state).digest('hex').slice(0, 8)}`}`,
    systemdFunctions,
    raw(`umask 077
wanted() { case $1 in system) echo multi-user.target ;; user) echo default.target ;; esac; }`),
  )
}

/** Removes what a reboot would run. */
const forgetBoot = raw(`forget_boot() {
  case $1 in system | user) ;; *) return 0 ;; esac
  at=$(units "$1")
  for file in "$at/$unit-boot.service" "$at/$(wanted "$1").wants/$unit-boot.service"; do
    if [ -e "$file" ] || [ -L "$file" ]; then
      if [ "$1" = system ]; then as_root rm -f "$file"; else rm -f "$file"; fi
    fi
  done
}`)

/*
 * A unit that is already gone is no error. The process without systemd is ended only when it still is the one that was
 * started: its command line has the folder in it.
 */
const cancel = raw(`cancel() {
  [ -f "$folder/how" ] || return 0
  read -r how set <"$folder/how" || return 0
  case $how in
  system | user) for one in timer service; do manager "$how" systemctl stop "$set.$one" 2>/dev/null || :; done ;;
  plain)
    if read -r waiting 2>/dev/null <"$folder/pid"; then
      if [ -r "/proc/$waiting/cmdline" ]; then said=$(tr '\\0' ' ' <"/proc/$waiting/cmdline"); else said=$(ps -o args= -p "$waiting" 2>/dev/null || :); fi
      case $said in *"$folder/wait"*) kill -TERM "-$waiting" 2>/dev/null || : ;; esac
    fi ;;
  esac
  forget_boot "$how"
  rm -f "$folder/how" "$folder/pid" "$folder/run" "$folder/wait"
}`)

/** The text that the timer runs: once it has succeeded, nothing of the timer is left. */
function runFile(timed: Timed, resume: Script): Script {
  return lines(
    raw(`#!/bin/sh
# Written by srv: brings the service back when a run that stopped or froze it did not do so in time.
{
set -eu`),
    raw('( set -eu'),
    resume,
    // Whoever runs this text in the name of a run also removes the timer.
    raw(')\n[ -z "${SRV_RUN:-}" ] || exit 0'),
    prologue(timed),
    forgetBoot,
    raw(`how=
read -r how set <"$folder/how" || :
forget_boot "$how"
rm -f "$folder/how" "$folder/pid" "$folder/run" "$folder/wait"
exit
}`),
  )
}

const choose = raw(`if ${maySystem}; then how=system
elif ${mayUser(true)}; then how=user
else how=plain
fi
set=$unit-$(date +%s)-$$
printf '%s %s\\n' "$how" "$set" >"$folder/how"
sync "$folder" 2>/dev/null || sync`)

/*
 * The unit of systemd tries again until the service is back. It has a new name each time: systemd remembers it
 * for as long as something that it started is alive.
 */
const bySystemd = raw(`by_systemd() {
  if [ "$how" = system ]; then set -- --uid="$(id -un)"; else set --; fi
  manager "$how" systemd-run --quiet --collect --unit="$set" --on-active="$seconds" --timer-property=AccuracySec=1s \\
    -p KillMode=process -p Restart=on-failure -p RestartSec=10 "$@" /bin/sh "$folder/run"
}`)

/** A session of its own outlives the login; with a descriptor left open, the SSH channel would wait for it. */
const byProcess = raw(`by_process() {
  cat >"$folder/wait" <<'SRV_WAIT'
folder=\${0%/*}
echo "$$" >"$folder/pid.new" && mv -f "$folder/pid.new" "$folder/pid"
sleep "$1"
tries=0
until sh "$folder/run"; do
  tries=$((tries + 1))
  [ "$tries" -le 60 ] || exit 1
  sleep 10
done
SRV_WAIT
  if command -v setsid >/dev/null; then set -- setsid
  elif command -v perl >/dev/null; then set -- perl -e 'use POSIX; POSIX::setsid(); exec @ARGV'
  else set -- python3 -c 'import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])'
  fi
  "$@" sh "$folder/wait" "$seconds" </dev/null >"$folder/log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
  tries=0
  until [ -e "$folder/pid" ]; do
    tries=$((tries + 1))
    [ "$tries" -le 250 ] || { echo 'the timer did not start within 5 s' >&2; exit 1; }
    sleep 0.02
  done
}`)

/**
 * Shell text that has the host bring a service back by itself after some time, and after a restart of the machine where
 * it has systemd, whatever happens to srv, the link or the laptop. It comes before the text that stops anything. A
 * timer that was set before is replaced.
 */
export function armScript({ resume, seconds, ...timed }: Alarm): Script {
  return lines(
    raw('( set -eu'),
    prologue(timed),
    sh`seconds=${seconds}`,
    forgetBoot,
    cancel,
    bySystemd,
    byProcess,
    raw(`mkdir -p "$folder"
cancel
cat >"$folder/run.new" <<'SRV_RESUME_FILE'`),
    runFile(timed, resume),
    raw(`SRV_RESUME_FILE
chmod 700 "$folder/run.new"
sync "$folder/run.new" 2>/dev/null || sync
mv -f "$folder/run.new" "$folder/run"`),
    choose,
    bootUnit(timed),
    raw(`case $how in
system | user) by_systemd; boot_unit ;;
plain) by_process ;;
esac
)`),
  )
}

/**
 * Shell text for a run that has the lease of a service, told by `run`: does now what a timer of a run that died would do
 * later, and takes that timer away. It prints a line when there was one. What does not start again is for a deploy or a
 * person to start: the record of what ran goes too, or a later run would start what somebody stopped on purpose.
 */
export function fireScript(timed: Timed, run: Value): Script {
  return lines(
    raw('( set -eu'),
    sh`run=${run} text=${`${timed.state}/timer/run`}`,
    raw(`if [ -f "$text" ]; then
was=$(ls "\${text%/timer/run}"/held/* 2>/dev/null || :)
code=0 forgotten=
SRV_RUN=$run sh "$text" </dev/null >&2 || code=$?
if [ "$code" != 0 ]; then
  # Half-switched data blocks everything else. An app that was only held and does not start can be fixed by a deploy.
  [ ! -f "\${text%/timer/run}/restore/open" ] || exit "$code"
  echo 'what a run that was cut off had stopped could not be started again'
  was= forgotten=yes
fi`),
    disarmScript(timed),
    raw(`[ -z "$forgotten" ] || rm -f "\${text%/timer/run}"/held/*
[ -z "$was" ] || echo 'what a run that was cut off had stopped or frozen was brought back up'
fi
)`),
  )
}

/** Shell text that removes the timer, if there is one. It comes after the text that brought the service back. */
export function disarmScript(timed: Timed): Script {
  return lines(raw('( set -eu'), prologue(timed), forgetBoot, cancel, raw('cancel\n)'))
}
