import { lines, raw } from '../../../src/index.ts'
import { emit, follow } from './model-awk.ts'

/*
 * `beside_model service`: prints the model by which new containers of a service are made while those started by hand are
 * kept, stopped, under other names. Compose takes these for containers of the service: it would refuse a second one of a
 * fixed name, and join the namespace of whichever it finds first. So the name is left out, and given later; and what is
 * shared with another service is shared with its new container.
 */
const model =
  raw(String.raw`beside_model() { LC_ALL=C awk -v wanted="$1" -v table="$compose/$id/services" -v list="$compose/containers" '
BEGIN {
  while ((getline line < table) > 0) { split(line, word, "\t"); digest[word[1]] = word[2] }
  while ((getline line < list) > 0) { split(line, word, " "); if ((word[2] in digest) && digest[word[2]] == word[3] && !(word[2] in found)) found[word[2]] = word[1] }
}
${emit}${follow}
depth == 1 { top = key }
depth == 2 { service = key }
depth == 3 && key != "" { part = key }
top == "services" && service == wanted {
  if (depth == 3 && key == "container_name") next
  if (depth == 3 && (key == "network_mode" || key == "pid" || key == "ipc")) {
    named = text(value)
    if (sub(/^service:/, "", named) && (named in found)) { emit("      \"" key "\": \"container:" found[named] "\""); next }
  }
  if (depth == 4 && part == "volumes_from" && key == "") {
    named = text(value); mode = ""
    if (match(named, /:/)) { mode = substr(named, RSTART); named = substr(named, 1, RSTART - 1) }
    if (named in found) { emit("        \"container:" found[named] mode "\""); next }
  }
}
{ emit($0) }
END { print held }
' "$compose/$id/model.json"; }`)

/*
 * `handed_on container`: prints what has to be laid over the model so that a new container has the anonymous volumes of
 * the one whose place it takes, nothing when there are none. Compose does so itself when it makes a container anew, for
 * the volumes of the image and for those of the service that have no source.
 */
const volumes = raw(String.raw`handed_on() {
  engine inspect -f '{{range .Mounts}}{{.Type}}{{"\t"}}{{if .Name}}{{.Name}}{{else}}{{.Source}}{{end}}{{"\t"}}{{.Destination}}{{"\t"}}{{.RW}}{{"\n"}}{{end}}' "$1" > "$compose/mounts.old"
  engine image inspect -f '{{range $path, $none := .Config.Volumes}}{{$path}}{{"\n"}}{{end}}' "$image" > "$compose/mounts.image"
  LC_ALL=C awk -v wanted="$service" -v old="$compose/mounts.old" -v image="$compose/mounts.image" '
function json(word) { gsub(/\\/, "&&", word); gsub(/"/, "\\\\&", word); gsub(/[$]/, "$$", word); return "\"" word "\"" }
function clean(path) { sub(/\/+$/, "", path); return path == "" ? "/" : path }
BEGIN { count = 0; while ((getline line < image) > 0) if (line != "") nameless[clean(line)] = 1 }
${follow}
depth == 1 { top = key }
depth == 2 { service = key }
depth == 3 && key != "" { part = key }
top != "services" || service != wanted || part != "volumes" { next }
depth == 4 && rest == "{" { source = target = "" }
depth == 5 && key == "source" { source = text(value) }
depth == 5 && key == "target" { target = clean(text(value)) }
depth == 4 && rest == "}" { if (source == "") nameless[target] = 1; else named[target] = 1 }
END {
  while ((getline line < old) > 0) {
    split(line, word, "\t")
    if ((word[1] != "volume" && word[1] != "bind") || !(clean(word[3]) in nameless) || (clean(word[3]) in named)) continue
    if (word[1] == "volume") defined = defined (defined == "" ? "" : ",") "\"srv-kept-" count "\":{\"external\":true,\"name\":" json(word[2]) "}"
    mounts = mounts (mounts == "" ? "" : ",") "{\"type\":\"" word[1] "\",\"source\":" (word[1] == "volume" ? "\"srv-kept-" count++ "\"" : json(word[2])) ",\"target\":" json(word[3]) ",\"read_only\":" (word[4] == "true" ? "false" : "true") "}"
  }
  if (mounts != "") printf "{\"services\":{%s:{\"volumes\":[%s]}},\"volumes\":{%s}}\n", json(wanted), mounts, defined
}' "$compose/$id/model.json"
  rm -f "$compose/mounts.old" "$compose/mounts.image"
}`)

/*
 * `make_beside ids`: makes the new containers of the service beside those that are there, and starts none of them. The ids
 * are those whose anonymous volumes are handed on, one to each.
 */
const make =
  raw(String.raw`beside_up() { engine compose --project-directory "$instance" --env-file /dev/null -p "$project" -f "$compose/beside.json" "$@" > "$compose/said" 2>&1; }
make_beside() {
  beside_model "$service" > "$compose/beside.json"
  there=$(awk -v service="$service" '$2 == service && $6 != "-"' "$compose/containers" | wc -l) made=0
  while [ "$made" -lt "$replicas" ]; do
    : > "$compose/over.json"
    [ $# = 0 ] || handed_on "$1" > "$compose/over.json"
    if [ -s "$compose/over.json" ]; then shift; made=$((made + 1)); set -- "$compose/over.json" "$@"; else made=$replicas; set -- '' "$@"; fi
    over=$1
    shift
    beside_up ${'$'}{over:+-f "$over"} up --no-start --no-deps --no-build --pull never --no-recreate --scale "$service=$((there + made))" "$service" || return 1
  done
}`)

/** Shell functions that make containers beside those that a person started; those about containers stand before. */
export const besideFunctions = lines(model, volumes, make)
