import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { judge } from './judge-awk.ts'
import type { Keep } from './policy.ts'

/** The rules as words, from fine to coarse: the order that Borg's counting depends on. */
function ruleWords(policy: Keep): string {
  const limits = [
    ['last', policy.within],
    ['last', policy.last],
    ['hourly', policy.withinHourly],
    ['hourly', policy.hourly],
    ['daily', policy.withinDaily],
    ['daily', policy.daily],
    ['weekly', policy.withinWeekly],
    ['weekly', policy.weekly],
    ['monthly', policy.withinMonthly],
    ['monthly', policy.monthly],
    ['yearly', policy.withinYearly],
    ['yearly', policy.yearly],
  ] as const
  return limits.flatMap(([name, limit]) => (limit === undefined ? [] : [`${name}=${limit}`])).join(' ')
}

/**
 * Shell function `retain`: reads lines `<id> good|suspect|unreadable|changed yes|no|deploy` (pinned, or kept as pinned for a deploy), in any order, and says of each snapshot, newest first, `keep <id> <reason>[, <reason>…]` or `remove <id>`. All of it is awk, so that a script that was
 * left on the machine that holds the snapshots judges exactly as srv does. It judges nothing and fails with 2 when there
 * is a line that it does not understand.
 *
 * Beside what the rules keep stay the newest good snapshot, pinned ones, ones that are dated after `now`, suspect ones
 * until a good one is newer, and those that nobody can read until somebody has looked at them. Only good ones that are not
 * in the future take part in the rules: a clock that was ahead once pushes nothing out, so more may stay here than restic would leave. Pinned ones count in restic's rules, as its
 * tagged ones do, and not in Borg's, as its protected ones do not. Durations are taken from the newest good snapshot in
 * both, so that nothing goes while backups fail; under Borg's rules `withinDaily` and its like are Borg's intervals.
 */
export function retainScript(policy: Keep, { now }: { readonly now?: string } = {}): Script {
  const time = now === undefined ? raw('"$(date -u +%Y%m%dT%H%M%SZ)"') : sh`${now}`
  return lines(
    sh`retain() { LC_ALL=C awk -v now=${time} -v semantics=${policy.semantics} -v rules=${ruleWords(policy)} ${raw(`'${judge}\n'`)}; }`,
  )
}
