import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { inSeconds } from '../seconds.ts'
import { judgeFunction } from './judge-awk.ts'

/**
 * What makes a task one of what its service is now: all of it that a change of makes the swarm replace containers, but for
 * what Docker fills in when it tells of services, and for places, which a container may fit as before.
 */
function specAt(path: string): string {
  return `{{with ${path}.ContainerSpec}}{{.Image}} {{with index .Labels "srv.hash"}}{{.}}{{end}}{{end}} {{with ${path}.RestartPolicy}}{{.Condition}} {{json .MaxAttempts}} {{json .Window}}{{end}} {{with ${path}.Resources}}{{json .Limits}} {{json .Reservations}}{{end}} {{${path}.ForceUpdate}}`
}

const taskFacts = `{{.ID}}|{{.ServiceID}}|{{.DesiredState}}|{{.Status.State}}|{{with .Status.ContainerStatus}}{{.ExitCode}}{{end}}|${specAt('.Spec')}`
const serviceFacts = `{{.ID}}|{{.Spec.Name}}|{{with .UpdateStatus}}{{with .State}}{{.}}{{else}}-{{end}}{{else}}-{{end}}|{{with .Spec.TaskTemplate.RestartPolicy}}{{.Condition}}{{end}}|${specAt('.Spec.TaskTemplate')}`

/*
 * `standing`: looks once at the services in `table`: see `judge`. `said` is why, `guilty` the service. The exit status of
 * `docker stack deploy` is 0 also after the swarm took an update back, so UpdateStatus is read, and what is behind it.
 * `begin` notes what was over before anything was told.
 */
const standing = lines(
  raw('tasks() {\n  set -- $(engine stack ps -q --no-trunc "$project" 2>/dev/null || :)\n  : > "$compose/tasks"'),
  sh`  [ $# = 0 ] || engine inspect --type task -f ${taskFacts} "$@" > "$compose/tasks" 2>/dev/null || :`,
  raw(`}
begin() {
  tasks
  awk -F '|' '$4 ~ /^(complete|failed|rejected)$/ { print $1 }' "$compose/tasks" > "$compose/over.before"
}
standing() {
  tasks
  : > "$compose/failed.new"
  unknown='the swarm does not say what it runs'
  engine service ls --filter "label=com.docker.stack.namespace=$project" --format '{{.ID}} {{.Name}} {{.Replicas}}' > "$compose/counts" 2>/dev/null || { said=$unknown guilty=; return 1; }
  set -- $(awk '{ print $1 }' "$compose/counts")
  : > "$compose/specs"`),
  sh`  [ $# = 0 ] || engine service inspect -f ${serviceFacts} "$@" > "$compose/specs" 2>/dev/null || { said=$unknown guilty=; return 1; }`,
  raw(String.raw`  judge > "$compose/verdict"
  sed -n 's/^failed //p' "$compose/verdict" | sort > "$compose/failed.new"
  words=$(tail -n 1 "$compose/verdict")
  verdict=${'$'}{words%% *} words=${'$'}{words#* }
  [ "$verdict" = 0 ] || { guilty=${'$'}{words%% *} said=${'$'}{words#* }; }
  return "$verdict"
}`),
)

/*
 * `settle looks span`: waits until that many looks in a row were good and nothing failed between them, over at least that
 * many seconds; the time for which the swarm itself watches an update is part of that. A swarm replaces the containers of a
 * service one after the other, and watches each: the largest one has that much more time.
 */
const settle = raw(String.raw`settle() {
  good=0 since=0 last= begun=$(date +%s)
  while :; do
    outcome=0
    standing || outcome=$?
    now=$(date +%s)
    if [ "$last" != "$(cat "$compose/failed.new")" ]; then
      last=$(cat "$compose/failed.new")
      case $outcome in 0 | 3) outcome=1 said='a container failed' ;; esac
    fi
    case $outcome in
    0 | 3) [ "$good" != 0 ] || since=$now; good=$((good + 1)) ;;
    1) good=0 ;;
    *) return 1 ;;
    esac
    [ "$outcome" != 0 ] || [ "$good" -lt "$1" ] || [ $((now - since)) -lt "$2" ] || return 0
    most=$(awk '{ sub(/.*\//, "", $3); if ($3 + 0 > most) most = $3 + 0 } END { print most + 0 }' "$compose/counts")
    patience=$((limit + most * monitor))
    if [ "$outcome" != 0 ] && [ "$((now - begun))" -ge "$patience" ]; then said="$said after $patience s"; return 1; fi
    sleep 0.5
  done
}`)

/** Shell functions by which a stack proves that it is up. */
export function stackGate({
  monitorMs,
  timeoutMs,
}: {
  readonly monitorMs: number
  readonly timeoutMs: number
}): Script {
  return lines(
    sh`monitor=${inSeconds(monitorMs)} limit=${inSeconds(timeoutMs)}`,
    raw('said= guilty='),
    judgeFunction,
    standing,
    settle,
  )
}
