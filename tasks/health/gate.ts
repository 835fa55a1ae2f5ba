import { lines, raw, sh, type Health, type Instance, type Script } from '../../src/index.ts'
import { inSeconds } from '../host/seconds.ts'
import { locate, type Site } from '../host/site.ts'
import { lookFunctions } from '../supervisor/supervise.ts'
import { askFunction } from './ask.ts'

type Limits = Pick<Health, 'samples' | 'intervalMs' | 'timeoutMs'>

/** An instance without health questions is watched for as long as the defaults of `http()` take. */
const watchOnly: Limits = { samples: 4, intervalMs: 1000, timeoutMs: 60_000 }

/** The limits of all questions together: each sample puts all of them, so the longest of each limit counts. */
export function limitsOf({ health }: Pick<Instance, 'health'>): Limits {
  const [first, ...others] = health
  return others.reduce<Limits>(
    (known, more) => ({
      samples: Math.max(known.samples, more.samples),
      intervalMs: Math.max(known.intervalMs, more.intervalMs),
      timeoutMs: Math.max(known.timeoutMs, more.timeoutMs),
    }),
    first ?? watchOnly,
  )
}

/** Whether there is anything to check: a health question, or a supervisor that knows whether the instance runs. */
export function isWatchable({ health, start }: Pick<Instance, 'health' | 'start'>): boolean {
  if (health.length > 0) return true
  return start !== undefined && (start.kind !== 'command' || start.status !== undefined)
}

/*
 * Shell function `sample`: asks the supervisor, then the app. It returns 0 for a good sample, 1 for a bad one, and 2
 * when no later one can be good: the app has ended, or something restarted it.
 */
const sample = raw(`first=
sample() {
  look
  case $alive in
  no) said=$why about=; return 2 ;;
  starting) said='is not running' about='says the status command'; return 1 ;;
  esac
  if [ -n "$first" ] && [ "$mark" != "$first" ]; then
    said="was restarted while it was watched: from $first to $mark" about=
    return 2
  fi
  first=$mark
  ask
}`)

/*
 * What served before the run and was not touched has already proved itself: one good answer is enough, unless it was
 * started so recently that something may be restarting it all the time.
 */
function proved({ samples, intervalMs }: Limits): Script {
  const watched = Math.ceil(((samples - 1) * intervalMs) / 10)
  return sh`[ -n "$age" ] && [ "$age" -lt ${watched} ] || needed=1`
}

function watch(limits: Limits, isUnchanged: boolean): Script {
  const { samples, intervalMs, timeoutMs } = limits
  const seconds = inSeconds(timeoutMs)
  return lines(
    raw(`fail() {
  echo "$1" >&2
  if [ -n "$words" ]; then printf '%s\\n' "$words" | tail -n 20 >&2; fi
  show_log 20 >&2
  exit 1
}
words= good=0
clock`),
    sh`deadline=$((now + ${Math.ceil(timeoutMs / 10)})) needed=${samples}`,
    raw(`while :; do
  outcome=0
  sample || outcome=$?`),
    ...(isUnchanged ? [proved(limits)] : []),
    raw(`  case $outcome in
  0) good=$((good + 1)) ;;
  1) good=0 ;;
  *) fail "$said" ;;
  esac
  [ "$good" -lt "$needed" ] || break
  clock
  # A row of good answers that has begun may end after the deadline.
  if [ "$good" = 0 ] && [ "$now" -ge "$deadline" ]; then
    case $said in`),
    sh`    'no answer') fail "$said for "${seconds}" s: $about" ;;`,
    sh`    *) fail "$said after "${seconds}" s: $about" ;;`,
    raw('    esac'),
    raw('  fi'),
    // An app that is not up yet is asked more often, so that a quick start is seen quickly.
    sh`  if [ "$good" = 0 ]; then sleep ${inSeconds(Math.min(intervalMs, 200))}; else sleep ${inSeconds(intervalMs)}; fi`,
    raw(`done
[ "$good" = 1 ] || said="$said, $good times in a row"
echo "$said\${about:+: $about}"`),
  )
}

/** Shell text that waits until an instance gave enough good samples in a row, and fails with the reason and the app's last lines. */
export function gateScript(site: Site, { isUnchanged = false } = {}): Script {
  const { instance } = site
  return lines(
    locate(site),
    // There is nothing to go back to: the restart before this has stopped what ran.
    raw(`[ -d "$directory" ] || { echo 'nothing is deployed'; exit 0; }`),
    lookFunctions(site, instance.start),
    askFunction(site),
    sample,
    watch(limitsOf(instance), isUnchanged),
  )
}

/** Shell text that takes one sample: prints `healthy`, or `unhealthy` and why. */
export function sampleScript(site: Site): Script {
  return lines(
    locate(site),
    raw(`[ -d "$directory" ] || { echo 'unhealthy: nothing is deployed'; exit 1; }`),
    lookFunctions(site, site.instance.start),
    askFunction(site),
    sample,
    raw(`if sample; then echo healthy; else echo "unhealthy: $said\${about:+: $about}"; exit 1; fi`),
  )
}
