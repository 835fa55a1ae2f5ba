import * as z from 'zod'
import { lines, raw, type ScheduleFacts, type Script } from '../../../src/index.ts'
import { factsIn } from '../facts.ts'
import { scheduleNames } from './keeper.ts'
import type { Site } from './site.ts'

/** Prints what a keeper knows of a schedule, a fact a line, and nothing when it has none. */
export function askKeeperScript(site: Site): Script {
  return lines(
    scheduleNames(site),
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
case $by in
system | user)
  next=$(show "$unit.timer" -p NextElapseUSecRealtime --value) || { echo 'result systemd does not answer'; exit 0; }
  [ -z "$next" ] || printf 'next %s\\n' "$(date -u -d "$next" +%Y-%m-%dT%H:%M:%SZ)"
  printf 'result %s\\n' "$(show "$unit.service" -p Result --value)"
  printf 'active %s\\n' "$(show "$unit.service" -p ActiveState --value)"
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

/** Reads what a keeper printed about a schedule. */
export function readSchedule(stdout: string): ScheduleFacts | undefined {
  const said = factsIn(stdout)
  const by = said.get('by')
  if (by === undefined) return undefined
  const next = said.get('next')
  const last = lastOf(said.get('last'), said.get('result'))
  return {
    by,
    at: said.get('at') ?? '',
    running: said.get('active') === 'activating',
    ...(next === undefined ? {} : { next }),
    ...(last === undefined ? {} : { last }),
  }
}
