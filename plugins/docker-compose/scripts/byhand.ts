import { lines, raw, type Script } from '../../../src/index.ts'
import { besideFunctions } from './beside.ts'
import { containerFunctions } from './containers.ts'
import { follow } from './model-awk.ts'
import { prologue, type Site } from './prologue.ts'

/*
 * `let_go`: containers started by hand whose place a release has taken are removed, and what was noted of them with it.
 * `served` is that release.
 */
const letGo = raw(String.raw`let_go() {
  [ -f "$compose/before" ] || return 0
  look
  gone=$(awk 'FILENAME == ARGV[1] { split($0, word, "\t"); known[word[1]] = 1; next }
    FILENAME == ARGV[2] { if ($2 in known) old[$1] = 1; next }
    $1 in old { print $1 }' "$compose/$served/services" "$compose/before" "$compose/containers")
  if [ -n "$gone" ]; then discard $gone; look; fi
  rm -f "$compose/before" "$compose/before.networks"
}`)

/** Shell function `networks_of ids`: a line for each network of a container: id, network, fixed addresses or `-`, aliases. */
export const networksFunction = raw(String.raw`networks_of() {
  engine inspect -f '{{$id := .Id}}{{range $name, $net := .NetworkSettings.Networks}}{{$id}} {{$name}}{{with $net.IPAMConfig}} {{with .IPv4Address}}{{.}}{{else}}-{{end}} {{with .IPv6Address}}{{.}}{{else}}-{{end}}{{else}} - -{{end}}{{range $net.Aliases}} {{.}}{{end}}{{"\n"}}{{end}}' "$@" |
    awk 'NF { line = $1 " " $2 " " $3 " " $4; for (at = 5; at <= NF; at++) if ($at != substr($1, 1, 12)) line = line " " $at; print line }'
}`)

/*
 * `note_before`: as long as no release came up here, what a person started is all that ever served. Before anything is
 * touched, `before` has a line for each such container, the oldest first: id, service, name, state, health; and
 * `before.networks` those of its networks. While that file is there they are kept, and a run that fails brings them back,
 * whatever run began it. Once the run of a release is `through`, the next one goes back to that: one that came up, and was
 * killed before its health was asked, is none to go back to.
 */
const note = raw(String.raw`keeping=
note_before() {
  served=
  [ ! -f "$compose/active" ] || read -r served < "$compose/active"
  if [ -n "$served" ] && [ "$served" != "$id" ] && [ -n "$through" ]; then let_go; return 0; fi
  if [ -n "$served" ] && [ ! -f "$compose/before" ]; then return 0; fi
  noted=$compose/before
  [ -f "$noted" ] || noted=/dev/null
  strange=$(awk 'FILENAME == ARGV[1] { known[$1] = 1; next } FILENAME == ARGV[2] { noted[$1] = 1; next }
    $3 == "-" && !($1 in noted) { all = all " " $1; if ($2 in known) needed = 1 }
    END { if (needed) print all }' "$compose/$id/services" "$noted" "$compose/containers")
  if [ -n "$strange" ]; then
    for service in $(alone); do
      [ -z "$(of "$service" - running)" ] || fail "$service was started by hand, and its new version has hooks or a config whose content is in the compose file. Only Compose can start that, and it would not keep the old containers until the new ones are healthy. Stop what is running ($(names $(of "$service" - running))) and deploy again: there will then be nothing to go back to."
    done
    engine inspect -f '{{.Created}} {{.Id}} {{index .Config.Labels "com.docker.compose.service"}} {{.Name}} {{.State.Status}} {{with index .State "Health"}}{{.Status}}{{else}}-{{end}}' $strange > "$compose/before.found"
    { cat "$noted"; LC_ALL=C sort "$compose/before.found" | cut -d ' ' -f 2- | sed 's| /| |'; } > "$compose/before.new"
    networks_of $strange >> "$compose/before.networks"
    rm -f "$compose/before.found"
    mv -f "$compose/before.new" "$compose/before"
  fi
  [ ! -f "$compose/before" ] || keeping=yes
}
outdated() { awk -v service="$1" -v digest="$2" -v kept="$keeping" '$2 == service && $3 != digest && !(kept != "" && $3 == "-") { print $1 }' "$compose/containers"; }
names() { for one in "$@"; do awk -v id="$one" '$1 == id { print $5 }' "$compose/containers"; done | paste -sd ' ' -; }
alone() { LC_ALL=C awk '${follow}
depth == 1 { top = key }
depth == 2 { named = key }
depth == 3 && key != "" { part = key }
top == "services" && depth == 3 && (key == "pre_start" || key == "post_start") { alone[named] = 1 }
top == "services" && depth == 5 && (part == "configs" || part == "secrets") && key == "source" { uses[++count] = named; used[count] = part "." text(value) }
(top == "configs" || top == "secrets") && depth == 3 && key == "content" { inline[top "." named] = 1 }
END { for (at = 1; at <= count; at++) if (used[at] in inline) alone[uses[at]] = 1; for (one in alone) print one }
' "$compose/$id/model.json"; }`)

/*
 * `take_over service digest replicas ends why`: like `converge`, but keeps the containers that a person started. New ones are
 * made before the old ones are stopped; what a dead run had begun is begun again, unless all of it is there. Old ones that
 * hold a port, a name or data are stopped and renamed until the deploy has succeeded; others keep serving until the new ones
 * do. What only Compose can start replaces what did not run.
 */
const takeOver = raw(String.raw`take_over() {
  service=$1 digest=$2 replicas=$3 ends=$4 why=$5 serving= rest=
  new=$(of "$service" "$digest" '*') wrong=$(outdated "$service" "$digest")
  [ "$(count "$new")" = "$replicas" ] || { wrong="$wrong $new"; new=; }
  if [ -n "$(echo $wrong)" ]; then discard $wrong; look; fi
  paused=$(of "$service" - paused)
  [ -z "$paused" ] || set_aside $paused
  if alone | grep -qxF "$service" && [ -z "$new" ] && [ "$replicas" != 0 ]; then
    echo "$service: starting"
    beside_model "$service" > "$compose/beside.json"
    if ! beside_up up -d --no-deps --no-build --pull never --force-recreate --scale "$service=$replicas" "$service"; then look; began; fi
    look
  elif [ -z "$new" ] && [ "$replicas" != 0 ] && ! make_beside $(awk -v service="$service" '$2 == service { print $1 }' "$compose/before"); then look; began; fi
  look
  new=$(of "$service" "$digest" '*') ran=$(of "$service" "$digest" running)
  give_way "$service"
  up=$(of "$service" - running)
  if [ -z "$why" ] && [ -n "$up" ] && [ "$replicas" != 0 ]; then
    echo "$service: starting the new one beside the one started by hand"
    serving=$up
  else
    standing=$(awk -v service="$service" '$2 == service && $3 == "-" && ($4 !~ /^(exited|created|dead)$/ || $5 !~ "-aside-" substr($1, 1, 12) "$") { print $1 }' "$compose/containers")
    if [ -n "$standing" ]; then
      echo "$service: stopping what was started by hand, and keeping it until the deploy succeeds: $(names $standing)"
      set_aside $standing
    fi
  fi
  [ "$replicas" != 0 ] || { echo "$service has no containers"; return 0; }
  named=$(awk -F '\t' -v service="$service" '$1 == "named" && $2 == service { print $3 }' "$compose/$id/facts")
  if [ -n "$named" ] && [ "$(names $new)" != "$named" ]; then engine rename $new "$named" 2> "$compose/said" || began; fi
  for one in $new; do
    case $(awk -v id="$one" '$1 == id { print $4 }' "$compose/containers") in
    created) rest="$rest $one" ;;
    running) ;;
    *) [ "$ends" != stays ] && [ "$(engine inspect -f '{{.State.ExitCode}}' "$one")" = 0 ] || rest="$rest $one" ;;
    esac
  done
  [ -z "$rest" ] || engine start $rest > "$compose/said" 2>&1 || began
  accept
}
began() {
  cat "$compose/said" >&2
  guilty=$(of "$service" "$digest" '*' | head -n 1)
  [ -z "$guilty" ] || expect "$guilty" "$service" "$ends" ''
  broken "$service did not start"
}`)

/** Shell functions that keep what a person started until the first release is well; those that start and stop containers stand beside. */
export const byHandFunctions = lines(letGo, networksFunction, note, besideFunctions, takeOver)

/** Removes what a person started before the first release, once that has come up and is well. */
export function letGoScript(site: Site): Script {
  return lines(
    prologue(site),
    raw(`if [ -f "$compose/before" ] && [ -f "$compose/active" ]; then
read -r served < "$compose/active"`),
    containerFunctions,
    letGo,
    raw('let_go\nrm -f "$compose/containers"\nfi'),
  )
}
