import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { inSeconds } from '../seconds.ts'
import { madeFormat, noteFunction } from './made.ts'

/*
 * `sample ids`: looks at containers by id, once. 0 is good, 1 not yet, 2 never again; `said` is why. Compose's own --wait
 * is not used: up to v5.5.0 it may exit 0 after its time-out, and it takes a crash loop for running
 * (fixed in docker/compose 06f4f9d). One that was started again no longer knows that it was killed for its memory:
 * `ran_out` asks the engine. `expects` has a line for each container: id, service, whether it may end, and how often it had
 * been restarted before anybody watched, which is never for a new one.
 */
const sample = raw(String.raw`expects=
ran_out() {
  [ -n "$(engine events --since "$(($(date +%s) - 600))" --until "$(($(date +%s) + 1))" --filter "container=$1" --filter event=oom --format oom 2>/dev/null)" ]
}
sample() {
  engine inspect -f '{{.Id}} {{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}} {{.RestartCount}} {{with index .State "Health"}}{{.Status}}{{else}}-{{end}} ${madeFormat}' "$@" > "$compose/sample" 2>/dev/null ||
    { said='a container went away while it was watched' guilty=; return 2; }
  verdict=0
  while read -r one status code killed restarts checked made; do
    expected=$(printf '%s\n' "$expects" | awk -v id="$one" '$1 == id { print $2, $3, $4 + 0; exit }')
    service=${'$'}{expected%% *} had=${'$'}{expected##* } ends=${'$'}{expected#* }
    ends=${'$'}{ends% *}
    [ "$restarts" -gt "${'$'}{had:-0}" ] || restarts=0
    bad=
    if [ "$restarts" != 0 ] || [ "$code" = 137 ]; then ! ran_out "$one" || killed=true; fi
    if [ "$killed" = true ]; then bad='was killed: out of memory'
    elif [ "$restarts" != 0 ]; then bad="was restarted while it was watched: exit status $code"
    else case $status in
      running)
        case $checked in
        unhealthy) bad='is unhealthy, says its healthcheck' ;;
        starting) verdict=1 said="$service is not healthy yet" guilty=$one ;;
        esac
        [ "$ends" != ends ] || { verdict=1 said="$service has not finished" guilty=$one; } ;;
      exited)
        if [ "$code" != 0 ]; then bad="ended with exit status $code"
        elif [ "$ends" = stays ]; then bad='ended'; fi ;;
      created | restarting) verdict=1 said="$service is $status" guilty=$one ;;
      *) bad="is $status" ;;
      esac
    fi
    [ -z "$bad" ] || { said="$service $bad" guilty=$one; return 2; }
  done < "$compose/sample"
  [ "$verdict" != 0 ] || note "$@"
  return "$verdict"
}`)

/*
 * `clock`: milliseconds, in `now`. Whole seconds would have a gate of two seconds take up to three.
 */
const clock = raw(String.raw`clock() {
  if read -r now rest 2>/dev/null < /proc/uptime; then now=${'$'}{now%.*}${'$'}{now#*.}0; else now=$(date +%s)000; fi
}`)

/*
 * `ready ids`: waits for the first good sample. `watch_them ids`: waits until samples were good for as long as the config
 * says, and never fewer than three in a row; the last one is taken when that time is over, and not half a second later. The
 * sample that made the same containers ready is the first of that row. The time that they have begins with each of the two:
 * what was stopped and started before is not taken from it.
 * What is not ready is asked often at first: most are ready soon, and the others need not be asked ten times a second.
 */
const wait =
  raw(String.raw`await() { # samples in a row, milliseconds they must span, ids; the first "$good" of them were good since "$since"
  needed=$1 span=$2
  shift 2
  begun=
  while :; do
    outcome=0
    sample "$@" || outcome=$?
    clock
    begun=${'$'}{begun:-$now}
    case $outcome in
    0) [ "$good" != 0 ] || since=$now; good=$((good + 1)) ;;
    1) good=0 ;;
    *) return 1 ;;
    esac
    [ "$good" -lt "$needed" ] || [ $((now - since)) -lt "$span" ] || return 0
    if [ "$good" = 0 ] && [ "$now" -ge "$deadline" ]; then said="$said after $limit s"; return 1; fi
    left=500
    if [ "$good" = 0 ]; then
      left=100
      [ $((now - begun)) -lt 3000 ] || left=250
    elif [ "$((good + 1))" -ge "$needed" ] && [ $((since + span - now)) -lt 500 ] && [ $((since + span - now)) -gt 0 ]; then left=$((since + span - now)); fi
    sleep "$(printf '0.%03d' "$left")"
  done
}
good=0 since=0 seen=
begin() { clock; deadline=$((now + limit * 1000)); }
ready() {
  begin
  good=0
  await 1 0 "$@" || return 1
  seen=$*
}
watch_them() {
  begin
  [ "$seen" = "$*" ] || good=0
  await 3 "$monitor" "$@"
}`)

/* `expect ids service ends ran`: `ran` are those that ran before, of which what they went through by then is no news. */
const expect = raw(String.raw`started=
expect() {
  for awaited in $1; do
    restarted=0
    case " $(echo $4) " in *" $awaited "*) restarted=$(engine inspect -f '{{.RestartCount}}' "$awaited") ;; esac
    expects="$expects
$awaited $2 $3 $restarted"
  done
  started="$started $1"
}`)

/** Shell functions by which new containers prove that they stay up. */
export function gateFunctions({
  monitorMs,
  timeoutMs,
}: {
  readonly monitorMs: number
  readonly timeoutMs: number
}): Script {
  return lines(sh`monitor=${monitorMs} limit=${inSeconds(timeoutMs)}`, noteFunction, clock, sample, wait, expect)
}
