import { lines, raw, sh, type Script } from '../../src/index.ts'
import { commandLine } from '../host/command-line.ts'
import type { Site } from '../host/site.ts'
import { enterEnvironment } from '../host/variables.ts'

/**
 * Shell function `born_of`: prints what tells a process from a later one with the same number, and fails when it is
 * gone. That is its start in ticks of this boot; where there is no /proc, its start as `ps` prints it.
 */
export const bornOf: Script = raw(`born_of() {
  if [ -r /proc/self/stat ]; then
    read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
    set -- \${stat##*) }
    # Fewer are of a process with a line end in its name: ours is a shell.
    [ "\${1:-Z}" != Z ] && [ "$#" -ge 20 ] || return 1
    shift 19
    boot=
    read -r boot 2>/dev/null </proc/sys/kernel/random/boot_id || :
    printf '%s %s\\n' "$1" "$boot"
  else
    ps -o lstart= -p "$1" 2>/dev/null
  fi
}`)

/**
 * The program that stays beside the app for as long as it runs: it leads the session, and notes the app's exit status,
 * which nothing else could report once srv is gone. A TERM for the group reaches the app too; this shell waits for it.
 */
function runFile(site: Site, exec: string): Script {
  return lines(
    raw('#!/bin/sh'),
    raw(`# Written by srv at each start: notes the process number and the exit status of ${site.instance.id}.`),
    raw('private=${0%/*} directory=$1'),
    bornOf,
    raw('trap : HUP INT TERM'),
    raw(`printf '%s\\n' "$$" "$(born_of "$$")" >"$private/pid.new" && mv -f "$private/pid.new" "$private/pid"`),
    raw('('),
    raw('set -e'),
    enterEnvironment(site),
    sh`exec sh -c ${commandLine(exec)}`,
    raw(')'),
    raw('echo "$?" >"$private/exit.new" && mv -f "$private/exit.new" "$private/exit"'),
  )
}

/**
 * Shell text that writes it to `$private/run`, whole or not at all: the running one is still being read by its shell.
 * One that is the same stays, since on a full disk there is no room for another.
 */
export function writeRunFile(site: Site, exec: string): Script {
  return lines(
    raw(`if ! cmp -s - "$private/run" <<'SRV_RUN_FILE'`),
    runFile(site, exec),
    raw('SRV_RUN_FILE'),
    raw('then'),
    raw(`cat >"$private/run.new" <<'SRV_RUN_FILE'`),
    runFile(site, exec),
    raw('SRV_RUN_FILE'),
    raw('mv -f "$private/run.new" "$private/run"'),
    raw('fi'),
  )
}
