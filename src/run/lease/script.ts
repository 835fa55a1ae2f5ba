import type { LeaseHolder, LeaseTexts } from '../../plugin/quiet.ts'
import { lockFunction } from '../../shell/lock.ts'
import { lines, raw, sh, type Script } from '../../shell/script.ts'
import { groups } from './groups.ts'

/*
 * A lease is a folder `lease` in the `.srv` folder of a service: who holds it, and the second of its last sign of life on
 * the host's own clock, so that no two clocks are ever compared. It is taken and judged under flock on the `.srv`
 * folder, which the kernel frees; the lease ends by itself without a sign of life, so that nothing has to be cleaned up after a crash.
 */

/** Seconds without a sign of life after which a lease is over. */
export const expirySeconds = 45

/** Milliseconds between two signs of life. */
export const beatMs = 15_000

/** Exit status of `acquire` when somebody else holds one of the leases. */
export const lockedCode = 75

/** Who is to hold the lease. */
export interface Holder {
  readonly run: string
  readonly actor: string
  readonly pipeline: string
  /** ISO 8601 UTC */
  readonly since: string
}

/** A service on a host, with the folder of srv's own there. */
export interface Leased {
  readonly service: string
  /** `/srv/<service>/.srv` */
  readonly state: string
}

/** A value, or the shell variable that holds it when the text runs without srv. */
type Value = string | Script

/*
 * Uptime cannot be set; where there is none, the clock has to do. A beat in the future is from before the last boot. It
 * overwrites the previous one in the same width, so that a full disk does not end a lease. What comes before every change
 * starts no process.
 */
const functions = lines(
  lockFunction,
  raw(`srv_now() { if read -r srv_second _ 2>/dev/null </proc/uptime; then srv_second=\${srv_second%%.*}; else srv_second=$(date +%s); fi; }
srv_read() { cat "$1" 2>/dev/null || :; }
srv_line() { srv_text=; IFS= read -r srv_text 2>/dev/null <"$1" || :; }
srv_holds() { srv_line "$1/run"; [ "$srv_text" = "$2" ]; }
srv_beat() { srv_now; printf '%-12s\\n' "$srv_second" 1<>"$1/beat"; }
srv_alive() {
  [ -s "$1/run" ] || return 1
  srv_line "$1/beat"
  srv_text=\${srv_text%% *}
  case $srv_text in '' | *[!0-9]*) return 1 ;; esac
  srv_now
  age=$((srv_second - srv_text))
  [ "$age" -ge 0 ] && [ "$age" -lt ${expirySeconds} ]
}`),
)

function take({ service, state }: Leased, run: Value, owner: Value): Script {
  return lines(
    sh`state=${state} service=${service} run=${run} owner=${owner}`,
    raw(
      `command -v flock >/dev/null || { echo 'the host has no flock, which is part of util-linux and busybox' >&2; exit 1; }`,
    ),
    // Everybody may enter the folder of the service, but not srv's own folder in it.
    raw(`problem=$(mkdir -p "\${state%/*}" 2>&1 && umask 077 && mkdir -p "$state" 2>&1) || {
  echo "$(id -un) could not create $state (\${problem##*: })" >&2
  exit 1
}
umask 077
(
  srv_lock 300 || { echo "another process holds the lock of $state" >&2; exit 1; }
  lease=$state/lease
  if srv_alive "$lease" && ! srv_holds "$lease" "$run"; then
    echo "locked $age $(srv_read "$lease/phase") $(srv_read "$lease/owner")"
    exit ${lockedCode}
  fi
  srv_alive "$lease" || srv_end_groups "$lease" || exit 1
  if srv_alive "$lease"; then echo "shared $service"; else echo "taken $service"; fi
  srv_holds "$lease" "$run" || rm -f "$lease"/group.*
  mkdir -p "$lease" && printf '%s\\n' "$owner" >"$lease/owner" || exit 1
  srv_holds "$lease" "$run" || echo taking >"$lease/phase" || exit 1
  printf '%s\\n' "$run" >"$lease/run" && srv_beat "$lease"
) 9<"$state" || exit`),
  )
}

/** Takes the lease of several services, in the order of their names, or none: it prints `taken`, `shared` or `locked <age> <phase> <owner>`. */
export function acquire(leased: readonly Leased[], holder: Holder): Script {
  const sorted = leased.toSorted((left, right) => (left.service < right.service ? -1 : 1))
  const { run, actor, pipeline, since } = holder
  const owner = (service: string): string => JSON.stringify({ service, run, actor, pipeline, since })
  return lines(functions, groups, ...sorted.map((one) => take(one, run, owner(one.service))))
}

/** What is done with each lease as long as all are still this run's; it fails otherwise. */
function whileOurs(leased: readonly Leased[], run: Value, work: Script): Script {
  return lines(
    functions,
    ...leased.map(({ service, state }) =>
      lines(
        sh`lease=${`${state}/lease`} run=${run} service=${service}`,
        raw('if srv_alive "$lease" && srv_holds "$lease" "$run"; then'),
        work,
        raw(`else echo "$service" >&2; exit ${lockedCode}; fi`),
      ),
    ),
  )
}

/** Gives a sign of life while the leases of other hosts are still being taken, when this run may yet yield. */
export function live(leased: readonly Leased[], run: Value): Script {
  return whileOurs(leased, run, raw('  srv_beat "$lease"'))
}

/** Fails unless this run still holds the leases, and gives a sign of life. */
export function fence(leased: readonly Leased[], run: Value): Script {
  return whileOurs(
    leased,
    run,
    raw(`  srv_line "$lease/phase"
  [ "$srv_text" = held ] || echo held >"$lease/phase"
  srv_beat "$lease"`),
  )
}

/** The same before a script that changes something, whose process group is noted: whoever takes the leases next stops what is left of it. */
export function enter(leased: readonly Leased[], run: Value): Script {
  const entering = leased.map(({ state }) => sh`srv_enter ${`${state}/lease`}`)
  return lines(fence(leased, run), groups, ...entering)
}

/**
 * Fails when somebody else holds the leases by now, and renews those that merely ended: it comes before what brings a host
 * back, which has to work after a link was cut, and on a full disk.
 */
export function resume(leased: readonly Leased[], run: Value): Script {
  return lines(
    functions,
    groups,
    ...leased.map(({ service, state }) =>
      lines(
        sh`state=${state} run=${run} service=${service}`,
        raw(`if [ ! -d "$state/lease" ] || ! (
  srv_lock 300 || exit
  srv_holds "$state/lease" "$run" || exit
  srv_beat "$state/lease" 2>/dev/null || :
  srv_enter "$state/lease" 2>/dev/null || :
) 9<"$state"; then echo "$service" >&2; exit ${lockedCode}; fi`),
      ),
    ),
  )
}

/** Fails when somebody released the leases by name meanwhile: it comes between the steps of one command, and costs no process. */
export function check(leased: readonly Leased[], run: string): Script {
  return lines(
    ...leased.map(({ service, state }) =>
      lines(
        sh`lease=${`${state}/lease`} run=${run} service=${service} held=`,
        raw(`IFS= read -r held 2>/dev/null <"$lease/run" || :
[ "$held" = "$run" ] || { echo "$service" >&2; exit ${lockedCode}; }`),
      ),
    ),
  )
}

/** Releases the lease if this run holds it, and removes folders that were made only for it. Without `run` it releases anybody's. */
export function release(leased: readonly Leased[], run?: Value): Script {
  return lines(
    functions,
    ...leased.map(({ state }) =>
      lines(
        sh`state=${state} run=${run ?? ''}`,
        raw(`if [ -d "$state/lease" ]; then (
  srv_lock 80 || exit 0
  if [ -z "$run" ] || srv_holds "$state/lease" "$run"; then
    srv_read "$state/lease/owner"
    rm -rf "$state/lease"
  fi
) 9<"$state"; fi
rmdir "$state" "\${state%/*}" 2>/dev/null || :`),
      ),
    ),
  )
}

/** Stops what commands have left running, where a test of the shell says so of `$lease` and `$run`. */
function stopLeft({ service, state }: Leased, run: Value, test: Script): Script {
  return lines(
    functions,
    groups,
    sh`state=${state} run=${run} service=${service} lease=${`${state}/lease`}`,
    raw(`if [ -d "$lease" ]; then (
  srv_lock 300 || { echo "another process holds the lock of $state" >&2; exit 1; }`),
    test,
    raw(`  srv_end_groups "$lease"
) 9<"$state"; fi`),
  )
}

/** The texts for something that works without srv, whose run is known only when it begins: its id is in `$SRV_RUN`. */
export function leaseTextsOf(leased: Leased, { actor, pipeline }: LeaseHolder): LeaseTexts {
  const run = raw('"$SRV_RUN"')
  const known = JSON.stringify({ service: leased.service, actor, pipeline }).slice(0, -1)
  return {
    take: lines(
      functions,
      groups,
      sh`known=${known} since=$(date -u +%Y-%m-%dT%H:%M:%SZ)`,
      take(leased, run, raw(String.raw`"$known,\"run\":\"$SRV_RUN\",\"since\":\"$since\"}"`)),
    ),
    keep: fence([leased], run),
    enter: enter([leased], run),
    stop: stopLeft(leased, run, raw('  srv_holds "$lease" "$run" || exit 0')),
    stopLeft: stopLeft(leased, '', raw('  ! srv_alive "$lease" || exit 0')),
    regain: resume([leased], run),
    release: release([leased], run),
  }
}

/** Prints `<age> <owner>` of each lease that is alive. */
export function look(leased: readonly Leased[]): Script {
  return lines(
    functions,
    ...leased.map(({ state }) =>
      lines(
        sh`lease=${`${state}/lease`}`,
        raw('if srv_alive "$lease"; then echo "$age $(srv_read "$lease/owner")"; fi'),
      ),
    ),
  )
}
