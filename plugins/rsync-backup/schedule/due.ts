import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { factsIn } from '../facts.ts'
import { cronElapses } from './calendar.ts'
import { systemdFunctions } from '../scripts/systemd.ts'
import type { Schedule } from './options.ts'
import type { Site } from './site.ts'

/**
 * Behind the list of snapshots, whose functions it uses: prints when a schedule would have run since the newest good one,
 * by the calendar that its keeper was told. A schedule that is not that old yet has not missed what was before it.
 */
export function dueScript({ home, unit }: Pick<Site, 'home' | 'unit'>, { at, randomDelay, wait }: Schedule): Script {
  return lines(
    sh`home=${home} unit=${unit} at=${at} grace=${randomDelay + wait}`,
    systemdFunctions,
    raw(`by= since=
good=$(newest_good | sed -n 's/^\\(....\\)\\(..\\)\\(..\\)T\\(..\\)\\(..\\)\\(..\\)Z$/\\1-\\2-\\3 \\4:\\5:\\6/p')
[ -z "$good" ] || since=$(date -u -d "$good" +%s)
if [ -f "$home/by" ]; then
  # It is written when the calendar changes, and at no other time.
  read -r by at <"$home/by"
  told=$(stat -c %Y "$home/by")
  if [ "$told" -gt "\${since:-0}" ]; then since=$told; fi
fi
if [ -n "$since" ]; then
  # Times of the calendar are in the time zone of the machine.
  printf 'calendar %s\\nsince %s\\nnow %s\\ngrace %s\\nzone %s\\n' "$at" "$since" "$(date +%s)" "$grace" "$(unset TZ; date +%z)"
  (unset TZ; systemd-analyze calendar --iterations=3 --base-time="@$since" "$at") 2>/dev/null |
    awk '/Next elapse: |Iter\\. #/ { sub(/^.*(elapse|#[0-9]+): /, ""); time[++count] = $0 }
/\\(in UTC\\): / { sub(/^.*UTC\\): /, ""); time[count] = $0 }
END { for (one = 1; one <= count; one++) print time[one] }' |
    while IFS= read -r one; do printf 'elapse%s\\n' "$(date -u -d "$one" '+ %s')"; done
  case $by in
  system) state=$(systemctl show "$unit.service" -p ActiveState --value) ;;
  user) state=$(manager user systemctl show "$unit.service" -p ActiveState --value) ;;
  *) state= ;;
  esac 2>/dev/null || state=
  printf 'state %s\\n' "$state"
fi`),
  )
}

/**
 * Whether a schedule has missed two runs since the newest good snapshot, not counting one that is under way; `undefined`
 * where no schedule is asked for, or that is unknown.
 */
export function readOverdue(stdout: string): boolean | undefined {
  const said = factsIn(stdout)
  const number = (name: string): number => Number(said.get(name) ?? NaN)
  const [since, now, grace] = [number('since'), number('now'), number('grace')]
  if (Number.isNaN(since)) return undefined
  const told = [...stdout.matchAll(/^elapse (\d+)$/gm)].map(([, time]) => Number(time))
  // Where there is no systemd, the calendar is one of those that cron can keep.
  const elapses = told.length > 0 ? told : cronElapses(said.get('calendar') ?? '', since, said.get('zone') ?? '')
  if (elapses.length === 0) return undefined
  const missed = elapses.filter((one) => one + grace < now).length
  return missed - (said.get('state') === 'activating' ? 1 : 0) >= 2
}
