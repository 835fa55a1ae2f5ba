import type { Placement } from '../config/resolved.ts'
import { lines, raw, sh, type Script } from '../shell/script.ts'
import type { Hold, HoldMode } from './hold.ts'

/** An instance, and the part of a plugin that knows how to hold it, with that plugin's settings of it. */
export interface Holdable {
  readonly placement: Placement
  readonly part: Hold<unknown>
  readonly settings: unknown
}

/** Text that runs the health check of an instance; `undefined` when the config has none. */
export type AskHealth = (placement: Placement, how: HoldMode) => Script | undefined

/*
 * A record is on the disk before anything is stopped: the run, the link and the laptop may be gone a moment later. The
 * lock keeps a timer of the host and a run from bringing the same thing back at the same time, which would start it
 * twice. Nothing that is started may inherit the descriptor of the lock.
 */
const prologue = raw(`fail() { printf '%s\\n' "$1" >&2; exit 1; }
flush() { sync "$1" 2>/dev/null || sync; }
(umask 077 && mkdir -p "$state/held")
exec 9>"$state/held/.lock"
command -v flock >/dev/null || fail 'the host has no flock, which is part of util-linux and busybox'
flock 9`)

/** The text of a part, in a subshell without the descriptor of the lock. */
function own(text: Script, output = ''): Script {
  return lines(raw('( set -eu'), text, raw(`)${output} 9>&-`))
}

function locked({ placement }: Holdable, ...texts: readonly Script[]): Script {
  return lines(raw('( set -eu'), sh`state=${placement.paths.state}`, prologue, ...texts, raw(')'))
}

function name({ placement }: Holdable): Script {
  return sh`held=$state/held/${placement.instance.name} id=${placement.instance.id}`
}

function holdOne(one: Holdable, how: HoldMode): Script {
  const { part, placement, settings } = one
  return lines(
    name(one),
    own(part.running(placement, settings), ' >"$held.new"'),
    // What a run that died had stopped must still be brought back, in addition to what runs by now.
    raw(`if [ -f "$held" ]; then
  cat "$held" "$held.new" | awk '!seen[$0]++' >"$held.both"
  mv -f "$held.both" "$held.new"
fi
flush "$held.new"
mv -f "$held.new" "$held"
flush "$state/held"
if [ -s "$held" ]; then`),
    sh`echo ${how} >"$held.open"`,
    own(part.hold(placement, settings, how)),
    raw('rm -f "$held.open"'),
    sh`echo ${how === 'pause' ? 'paused' : 'stopped'} "$id"`,
    raw(`else echo "nothing of $id is running"
fi`),
  )
}

/**
 * A stop that was cut off is done again first: an app that is just about to exit would otherwise count as running, be left
 * alone, and be gone a moment later.
 */
function settle({ part, placement, settings }: Holdable): Script {
  const modes = (['pause', 'stop'] as const).filter((how) => part.refuse?.(placement, settings, how) === undefined)
  const again = (how: HoldMode): Script => lines(raw(`${how})`), own(part.hold(placement, settings, how)), raw(';;'))
  return lines(
    raw(`open=
if [ -f "$held.open" ]; then read -r open <"$held.open" || :; fi
case $open in`),
    ...modes.map(again),
    raw('esac'),
  )
}

/** An instance that does not come back must not stop the others from coming back, and its record stays. */
function resumeOne(one: Holdable): Script {
  const { part, placement, settings } = one
  return lines(
    name(one),
    raw(`code=0
if [ -s "$held" ]; then
set +e`),
    settle(one),
    own(part.resume(placement, settings)),
    raw(`code=$?
set -e
if [ "$code" = 0 ]; then echo "brought back up $id"; else failed="$failed $id"; fi
fi
if [ "$code" = 0 ]; then rm -f "$held" "$held.new" "$held.open"; fi`),
  )
}

/**
 * Shell text that records what runs of each instance, and then freezes or stops it. All belong to one service on one host.
 * As with every text here, it must not stand in a condition of the shell, `if` or `||`: `set -e` would not apply in it.
 */
export function holdScript(ones: readonly Holdable[], how: HoldMode): Script {
  const [first] = ones
  return first === undefined ? raw(':') : locked(first, ...ones.map((one) => holdOne(one, how)))
}

/** Shell text that brings back what the records name, the last one first, and nothing when there are none. */
export function resumeScript(ones: readonly Holdable[]): Script {
  const [first] = ones
  if (first === undefined) return raw(':')
  return locked(
    first,
    raw('failed='),
    ...ones.toReversed().map((one) => resumeOne(one)),
    raw('[ -z "$failed" ] || fail "did not come back up:$failed"'),
  )
}

/** Shell text that brings back only the parts with these names out of what the records name; the records stay. */
export function wakeScript(ones: readonly Holdable[], names: readonly string[]): Script {
  const [first] = ones
  if (first === undefined) return raw(':')
  const texts = ones.map((one) => {
    const { part, placement, settings } = one
    const text = part.wake?.(placement, settings, names)
    return text === undefined ? raw(':') : lines(name(one), raw('if [ -s "$held" ]; then'), own(text), raw('fi'))
  })
  return locked(first, ...texts)
}

/** Shell text that has a release of one instance in place, not started; nothing where what is in place is what is started. */
export function becomeScript(one: Holdable, release: string): Script {
  const { part, placement, settings } = one
  const text = part.become?.(placement, settings, release)
  return text === undefined ? raw(':') : locked(one, name(one), own(text))
}

/** Shell text that fails when an instance was brought back since it was held: what was copied after that is not consistent. */
export function heldScript(ones: readonly Holdable[]): Script {
  return lines(
    ...ones.map(
      ({ placement: { paths, instance } }) =>
        sh`[ -f ${`${paths.state}/held/${instance.name}`} ] || { echo ${`${instance.id} was brought back up too early`} >&2; exit 1; }`,
    ),
    raw(':'),
  )
}

/** Shell text that prints what the records name: the instance, and one thing of it, a line each. */
export function ranScript(ones: readonly Holdable[]): Script {
  return lines(
    ...ones.map(({ placement: { paths, instance } }) =>
      lines(
        sh`held=${`${paths.state}/held/${instance.name}`} id=${instance.id}`,
        raw(`if [ -s "$held" ]; then awk -v id="$id" '{ print id, $0 }' "$held"; fi`),
      ),
    ),
  )
}

/** Shell text that waits until each instance that `$ran` names proves that it serves. */
export function provedScript(ones: readonly Holdable[], how: HoldMode, askHealth: AskHealth): Script {
  const each = (one: Holdable): Script => {
    const { placement, part, settings } = one
    const texts = [part.proves?.(placement, settings, how), askHealth(placement, how)].flatMap((text) => text ?? [])
    return lines(
      sh`id=${placement.instance.id}`,
      raw(`all=$ran
ran=$(printf '%s\\n' "$all" | awk -v id="$id" '$1 == id { print substr($0, length(id) + 2) }')
if [ -n "$ran" ]; then`),
      ...texts.map((text) => own(text)),
      raw(':\nfi\nran=$all'),
    )
  }
  return lines(...ones.map(each), raw(':'))
}
