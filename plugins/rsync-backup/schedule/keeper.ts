import { lines, lockFunction, quote, raw, sh, type Script } from '../../../src/index.ts'
import { mountedText } from '../scripts/mounted.ts'
import { otherScheduleText } from '../scripts/owner.ts'
import { maySystem, mayUser, systemdFunctions } from '../scripts/systemd.ts'
import { movesText, toolsText } from '../scripts/tools.ts'
import { cronFieldsOf, calendarOf } from './calendar.ts'
import { crontabFunctions } from './crontab.ts'
import { pingsText } from './ping.ts'
import { reachScript, type Way } from './reach.ts'
import { runScript, type Scheduled } from './run.ts'
import type { Site } from './site.ts'
import { serviceUnit, timerUnit } from './units.ts'

/** Names of a schedule on its keeper, and how the systemd that has it is spoken to. */
export function scheduleNames({ home, unit }: Pick<Site, 'home' | 'unit'>): Script {
  return lines(
    sh`home=${home} unit=${unit}`,
    systemdFunctions,
    raw(`LC_ALL=C
export LC_ALL
umask 077
fail() { printf '%s\\n' "$1" >&2; exit 1; }
put() { if [ "$by" = system ]; then as_root sh -c 'umask 022; cat >"$1"' sh "$1"; else cat >"$1"; fi; }
without_block() { awk -v from="# $unit begin" -v to="# $unit end" '$0 == from { skip = 1 } !skip { print } $0 == to { skip = 0 }'; }`),
  )
}

/** Which of the things that the texts here say keeps a schedule from being installed; nothing when it is none that is known. */
export function whyNot(problem: string): {
  readonly cause?: 'unmounted' | 'no timer' | 'time' | 'unreachable'
} {
  if (problem.endsWith(' is not mounted')) return { cause: 'unmounted' }
  if (problem.endsWith(' may use neither systemd nor cron there')) return { cause: 'no timer' }
  if (/^(?:cron cannot express|systemd does not understand) the time /.test(problem)) return { cause: 'time' }
  return problem.startsWith('it cannot reach ') ? { cause: 'unreachable' } : {}
}

/**
 * Makes the folder of a schedule on its keeper, with a key that never leaves it, and prints by what it will be kept and
 * the public half; of another machine's schedule it prints its `owner` alone. The machine of a person has a systemd of that
 * person; another one works while nobody is logged in.
 */
export function prepareKeeper(site: Site, at: string, of = ''): Script {
  const own = site.vault.on === 'local'
  const user = mayUser(!own)
  const cron = `command -v crontab >/dev/null && ps -A -o comm= | grep -qx -e cron -e crond`
  const tries = own
    ? ([
        ['user', user],
        ['system', maySystem],
      ] as const)
    : ([
        ['system', maySystem],
        ['user', user],
      ] as const)
  return lines(
    scheduleNames(site),
    mountedText(site.vault),
    otherScheduleText(site.vault, of),
    sh`calendar=${calendarOf(at)} fields=${cronFieldsOf(at) ?? ''}`,
    toolsText(['ssh', 'ssh-keygen']),
    raw(`if ${tries[0][1]}; then by=${tries[0][0]}
elif ${tries[1][1]}; then by=${tries[1][0]}
elif ${cron}; then by=cron
else fail "$(id -un) may use neither systemd nor cron there"
fi
if [ "$by" = cron ]; then [ -n "$fields" ] || fail "cron cannot express the time $calendar"
else systemd-analyze calendar "$calendar" >/dev/null 2>&1 || fail "systemd does not understand the time $calendar"
fi
mkdir -p "$home" || fail "$(id -un) cannot make $home"`),
    movesText('"$home"'),
    raw(`[ -f "$home/key" ] || ssh-keygen -q -t ed25519 -N '' -C "$unit" -f "$home/key" </dev/null >&2
if [ -f "$home/by" ]; then echo 'before yes'; fi
echo "by $by"
echo "key $(cut -d ' ' -f 1,2 "$home/key.pub")"`),
  )
}

/** A file of the schedule, in one step. */
function file(name: string, text: Script): Script {
  return lines(
    raw(`cat >"$home/${name}.new" <<'SRV_SCHEDULE_FILE'`),
    text,
    raw(`SRV_SCHEDULE_FILE\nmv -f "$home/${name}.new" "$home/${name}"`),
  )
}

/** Writes the text that makes a backup, with the way to the host and who is told. */
export function filesScript(scheduled: Scheduled, way: Way | undefined): Script {
  const { site, schedule } = scheduled
  return lines(
    scheduleNames(site),
    file('known_hosts', raw(way === undefined ? '' : `srv ${way.hostKey}`)),
    file('reach', reachScript(site, way)),
    file('pings', pingsText(schedule)),
    file('run', runScript(scheduled)),
  )
}

/** Asks over the way of the schedule whether there are data to copy. That there are none, exit status 3, is an answer; that the gate refuses is not. */
export function tryScript(site: Site, way: Way | undefined): Script {
  const to = way === undefined ? 'the gate' : `${way.user}@${way.address} port ${String(way.port)}`
  return lines(
    scheduleNames(site),
    sh`to=${to}`,
    raw(`code=0
said=$(sh "$home/reach" srv source try </dev/null 2>&1) || code=$?
case $code in
0 | 3) ;;
*) fail "it cannot reach $to directly ($(printf '%s\\n' "$said" | tail -n 1 | tr -d '\\r'))" ;;
esac`),
  )
}

/** Removes the timers of a schedule: a unit, a line of cron, and whatever was installed in another way before. */
const forgetTimes = raw(`forget_times() {
  for by in system user; do
    folder=$(units "$by")
    [ -e "$folder/$unit.timer" ] || [ -e "$folder/$unit.service" ] || continue
    manager "$by" systemctl disable --now "$unit.timer" >/dev/null 2>&1 || :
    manager "$by" systemctl stop "$unit.service" >/dev/null 2>&1 || :
    manager "$by" systemctl clean --what=state "$unit.timer" 2>/dev/null || :
    if [ "$by" = system ]; then as_root rm -f "$folder/$unit.timer" "$folder/$unit.service"
    else rm -f "$folder/$unit.timer" "$folder/$unit.service"
    fi
    manager "$by" systemctl daemon-reload
    manager "$by" systemctl reset-failed "$unit.service" 2>/dev/null || :
    echo "removed $folder/$unit.timer and .service"
  done
  command -v crontab >/dev/null || return 0
  if read_table; then
    if grep -qxF "# $unit begin" "$table/lines"; then
      without_block <"$table/lines" >"$table/new"
      write_table
      echo "removed the line of $unit from the crontab of $(id -un)"
    else rm -rf "$table"
    fi
  # Who may not use cron has no line in it.
  elif grep -q '^cron ' "$home/by" 2>/dev/null; then fail "the crontab of $(id -un) cannot be read: $problem"
  fi
}`)

/* Two runs at a time would write the same crontab and units. */
const alone = lines(crontabFunctions, forgetTimes, lockFunction, raw('exec 9<"$HOME"\nsrv_lock 300'))

/** Shell function `told`: records when the schedule runs. The age of the file counts: earlier runs were not missed. */
const told = raw(`told() { [ "$(cat "$home/by" 2>/dev/null)" = "$1" ] || printf '%s\\n' "$1" >"$home/by"; }`)

/** A command in a crontab, in which `%` would end it. */
function cronLine({ site, schedule }: Scheduled): string {
  return `${cronFieldsOf(schedule.at) ?? ''} /bin/sh ${quote(`${site.home}/run`)} --cron >/dev/null 2>&1`.replaceAll(
    '%',
    '\\%',
  )
}

/** Has the keeper run the schedule from now on. What it already has stays untouched if nothing differs. */
export function timesScript(scheduled: Scheduled, state: string, by: 'system' | 'user' | 'cron'): Script {
  const { site } = scheduled
  const names = lines(scheduleNames(site), alone, told)
  if (by === 'cron') {
    return lines(
      names,
      sh`line=${cronLine(scheduled)} at=${scheduled.schedule.at}`,
      raw(`forget_times >/dev/null
read_table || fail "the crontab of $(id -un) cannot be read: $problem"
{ cat "$table/lines"; printf '%s\\n' "# $unit begin" "$line" "# $unit end"; } >"$table/new"
write_table
told "cron $at"`),
    )
  }
  return lines(
    names,
    sh`by=${by} at=${scheduled.schedule.at}`,
    raw(`[ "$(cut -d ' ' -f 1 "$home/by" 2>/dev/null)" = "$by" ] || forget_times >/dev/null`),
    sh`by=${by}`,
    raw(`folder=$(units "$by")
[ "$by" = system ] || mkdir -p "$folder"
user() { if [ "$by" = system ]; then sed "s/^Type=oneshot$/&\\nUser=$(id -un)/"; else cat; fi; }`),
    sh`printf '%s\n' ${serviceUnit(scheduled, state, by)} | user | put "$folder/$unit.service"`,
    sh`printf '%s\n' ${timerUnit(scheduled)} | put "$folder/$unit.timer"`,
    raw(`manager "$by" systemctl daemon-reload
manager "$by" systemctl enable --quiet "$unit.timer"
manager "$by" systemctl restart "$unit.timer"
told "$by $at"`),
  )
}

/** Prints the `owner` of a schedule that is another machine's. */
export function askOther(site: Site, of: string): Script {
  return lines(scheduleNames(site), otherScheduleText(site.vault, of))
}

/** Removes a schedule from its keeper, and prints what was there. Snapshots stay. */
export function forgetKeeper(site: Site): Script {
  return lines(
    scheduleNames(site),
    alone,
    raw(`forget_times
if [ -e "$home" ]; then
  rm -rf "$home"
  echo "removed $home"
  above=\${home%/*}
  rmdir "$above" "\${above%/*}" 2>/dev/null || :
fi`),
  )
}
