import * as z from 'zod'
import { lines, raw, sh, type ScheduleFacts, type Script } from '../../../src/index.ts'
import { factsIn } from '../facts.ts'
import { scheduleNames } from './keeper.ts'
import type { Site } from './site.ts'

/** Prints what a keeper knows of a schedule, a fact a line, and nothing when it has none. */
export function askKeeperScript(site: Site): Script {
  return lines(
    scheduleNames(site),
    sh`keeper=${site.vault.on}`,
    raw(`[ -f "$home/by" ] || exit 0
read -r by at <"$home/by"
printf 'by %s\\nat %s\\n' "$by" "$at"
[ ! -f "$home/last" ] || printf 'last %s\\n' "$(cat "$home/last")"
show() {
  case $by in
  system) systemctl show "$@" ;;
  user) manager user systemctl show "$@" ;;
  esac
}
[ -f "$home/run" ] || echo 'off the script that it runs is gone'
case $by in
cron)
  ps -A -o comm= 2>/dev/null | grep -qx -e cron -e crond || echo 'off cron is not running there'
  crontab -l 2>/dev/null | awk -v mark="# $unit begin" 'begun && !/^#/ { found = 1 } { begun = $0 == mark } END { exit !found }' ||
    echo 'off its line in the crontab is gone'
  if read -r pid 2>/dev/null <"$home/pid" && tr '\\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "$home/run"; then echo 'active activating'; fi
  ;;
system | user)
  next=$(show "$unit.timer" -p NextElapseUSecRealtime --value) || { echo 'result systemd does not answer'; exit 0; }
  [ -z "$next" ] || printf 'next %s\\n' "$(date -u -d "$next" +%Y-%m-%dT%H:%M:%SZ)"
  printf 'result %s\\n' "$(show "$unit.service" -p Result --value)"
  printf 'active %s\\n' "$(show "$unit.service" -p ActiveState --value)"
  [ "$by" != user ] || [ "$keeper" = local ] || [ -e "/var/lib/systemd/linger/$(id -un)" ] ||
    echo 'off lingering is off for its user, so it ends when they log out'
  [ "$(show "$unit.service" -p LoadState --value)" != not-found ] || echo 'off its unit is gone'
  show "$unit.timer" -p LoadState -p UnitFileState -p ActiveState -p Result | sed 's/^/timer/; s/=/ /'
  ;;
esac`),
  )
}

/** Runs the backup of a schedule now, as its timer would, and prints what it says. */
export function startScript(site: Site): Script {
  return lines(
    scheduleNames(site),
    raw(`[ -f "$home/by" ] || fail 'no schedule is installed there'
read -r by at <"$home/by"
[ "$by" != cron ] || exec sh "$home/run"
rm -f "$home/log"
code=0
manager "$by" systemctl start "$unit.service" || code=$?
[ ! -f "$home/log" ] || cat "$home/log"
exit "$code"`),
  )
}

const lastSchema = z.object({ at: z.string(), code: z.number(), note: z.string() })

function lastOf(text: string | undefined, result: string | undefined): ScheduleFacts['last'] {
  const failed = result !== undefined && result !== '' && result !== 'success'
  try {
    const { at, code, note } = lastSchema.parse(JSON.parse(text ?? ''))
    // The unit may have failed before the text in it could say anything: a disk that is not mounted.
    return failed && code === 0
      ? { at, ok: false, note: `the unit failed after ${note}: ${result}` }
      : { at, ok: code === 0, note }
  } catch {
    return failed ? { at: '', ok: false, note: `the unit failed: ${result}` } : undefined
  }
}

/** Why a schedule that is installed will not run, or not for long; nothing when it will. */
function problemIn(said: ReadonlyMap<string, string>): string | undefined {
  const off = said.get('off')
  if (off !== undefined) return off
  const load = said.get('timerLoadState')
  if (load === undefined) return undefined
  if (load === 'not-found') return 'its timer is gone'
  if (load !== 'loaded') return `its timer is ${load}`
  const active = said.get('timerActiveState')
  if (active === 'failed') return `its timer has failed: ${said.get('timerResult') ?? ''}`
  const enabled = said.get('timerUnitFileState')
  if (active !== 'active') return enabled === 'enabled' ? 'its timer is stopped' : 'its timer is disabled'
  return enabled === 'enabled' ? undefined : 'its timer is disabled, and will be gone after a reboot'
}

/** Reads what a keeper printed about a schedule. */
export function readSchedule(stdout: string): ScheduleFacts | undefined {
  const said = factsIn(stdout)
  const by = said.get('by')
  if (by === undefined) return undefined
  const next = said.get('next')
  const last = lastOf(said.get('last'), said.get('result'))
  const problem = problemIn(said)
  return {
    by,
    at: said.get('at') ?? '',
    running: said.get('active') === 'activating',
    ...(next === undefined ? {} : { next }),
    ...(last === undefined ? {} : { last }),
    ...(problem === undefined ? {} : { problem }),
  }
}
