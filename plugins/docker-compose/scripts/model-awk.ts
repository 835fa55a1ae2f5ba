import { raw } from '../../../src/index.ts'

/*
 * `docker compose config --format json` prints with two blanks for each level, one key or element a line: that is enough
 * to read it with awk, which every host has, while few have jq. This way values of the environment never leave the host.
 */

/** Tracks the position of a line by `depth`, `key` and `rest`, which is `value` without its comma; `text` unescapes a string. */
export const follow = String.raw`
function text(word) {
  gsub(/^"|"$/, "", word)
  gsub(/\\u0026/, "\\&", word); gsub(/\\u003c/, "<", word); gsub(/\\u003e/, ">", word)
  gsub(/\\"/, "\"", word); gsub(/\\\\/, "\\", word)
  return word
}
{
  match($0, /^ */); depth = RLENGTH / 2; rest = substr($0, RLENGTH + 1)
  key = ""
  if (match(rest, /^"([^"\\]|\\.)*": /)) { key = substr(rest, 2, RLENGTH - 4); rest = substr(rest, RLENGTH + 1) }
  sub(/,$/, "", rest)
  value = rest
}`

/** Prints lines through `emit`, the last one by `END { print held }`: what was left out or put in may have been last, so commas are set between them. */
export const emit = String.raw`
function emit(line) {
  if (line ~ /^ *[]}]/) sub(/,$/, "", held)
  else if (held != "" && held !~ /[[{,]$/) held = held ","
  if (held != "") print held
  held = line
}`

/**
 * Shell function `facts folder`: reads a model on standard input and prints what srv has to know of it, a fact a line
 * with tabs: the kind, the service, the words. Each service's own part of the model is written into `folder`, and each
 * network, volume, config and secret, without commas at ends: a key that is left out may be the last one. Of a service
 * that is without what does not change a container: how it is built, in which order it starts, how often, and what only a
 * swarm does with it. Compose's own digest leaves out the same, but for the last.
 */
export const factsFunction = raw(String.raw`facts() { LC_ALL=C awk -v folder="$1" '
function keep(file, line) { sub(/,$/, "", line); print line > (folder "/" file) }
${follow}
depth == 1 { top = key }
top == "services" && depth == 2 && key != "" { service = key; printf "service\t%s\n", service; next }
top == "services" && depth == 2 { service = "" }
top == "services" && depth > 2 {
  if (depth == 3 && key != "") part = key
  if (depth == 4 && key != "") inner = key
  if (part == "deploy") kept = depth > 3 && (inner == "resources" || inner == "restart_policy") && rest != "{}"
  else kept = part !~ /^(build|depends_on|image|profiles|pull_policy|scale)$/
  if (kept) keep("service." service, $0)
  if (depth == 3 && key == "build") printf "build\t%s\n", service
  if (depth == 3 && key == "image") printf "image\t%s\t%s\n", service, text(value)
  if (depth == 3 && key == "container_name" && value != "null") printf "named\t%s\t%s\n", service, text(value)
  if (depth == 3 && key == "network_mode") printf "network\t%s\t%s\n", service, text(value)
  if (depth == 3 && key == "restart") printf "restart\t%s\t%s\n", service, text(value)
  if (depth == 3 && key == "scale") printf "replicas\t%s\t%s\n", service, value
  if (part == "healthcheck" && depth == 4 && key == "test" && value != "null") printf "healthcheck\t%s\n", service
  if (depth == 4 && part == "deploy" && key == "mode" && text(value) == "global") printf "global\t%s\n", service
  if (depth == 4 && part == "deploy" && key == "replicas") printf "replicas\t%s\t%s\n", service, value
  if (depth == 5 && part == "deploy" && inner == "restart_policy" && key == "condition") printf "condition\t%s\t%s\n", service, text(value)
  if (depth == 5 && part == "deploy" && inner == "placement" && key == "constraints" && value == "[") printf "placed\t%s\n", service
  if (depth == 4 && part == "depends_on" && key != "") wanted = key
  if (depth == 4 && part == "depends_on" && key != "") printf "after\t%s\t%s\n", service, wanted
  if (depth == 5 && part == "depends_on" && key == "condition" && text(value) == "service_completed_successfully") printf "ends\t%s\n", wanted
  if (depth == 4 && part == "ports" && rest == "{") mode = ""
  if (depth == 5 && part == "ports" && key == "mode") mode = text(value)
  if (depth == 5 && part == "ports" && key == "published") printf "port\t%s\t%s\t%s\n", service, text(value), mode
  if (depth == 4 && part == "volumes" && rest == "{") { type = ""; source = ""; target = ""; mode = "rw" }
  if (depth == 5 && part == "volumes" && key == "type") type = text(value)
  if (depth == 5 && part == "volumes" && key == "source") source = text(value)
  if (depth == 5 && part == "volumes" && key == "target") target = text(value)
  if (depth == 5 && part == "volumes" && key == "read_only" && value == "true") mode = "ro"
  if (depth == 4 && part == "volumes" && rest == "}" && source != "") printf "%s\t%s\t%s\t%s\n", type, service, mode, source
  if (depth == 4 && part == "volumes" && rest == "}" && source == "" && type == "volume" && mode == "rw") printf "nameless\t%s\t%s\n", service, target
  if (depth == 4 && part == "volumes" && rest == "}") printf "target\t%s\t%s\n", service, target
  if (depth == 4 && part == "tmpfs" && rest ~ /^"/) { target = text(value); sub(/:.*/, "", target); printf "target\t%s\t%s\n", service, target }
  if (depth == 4 && part == "volumes" && rest == "}" && source != "" && type == "volume") printf "uses\t%s\tvolumes.%s\n", service, source
  if (depth == 4 && part == "networks" && key != "") printf "uses\t%s\tnetworks.%s\n", service, key
  if (depth == 5 && (part == "configs" || part == "secrets") && key == "source") printf "uses\t%s\t%s\n", service, part "." text(value)
}
top !~ /^(configs|networks|secrets|volumes)$/ { next }
depth == 2 && key != "" { definition = top "." key }
depth > 1 && definition != "" { keep(definition, $0) }
depth == 3 && key == "file" && top ~ /^(configs|secrets)$/ { printf "file\t%s\t%s\n", definition, text(value) }
'; }`)

/**
 * Shell function `relocate table`: passes a model through, with other paths in place of mounted files and folders.
 * `table` has a line for each path: the old one, a tab, the new one.
 */
export const relocateFunction = raw(String.raw`relocate() { LC_ALL=C awk -v table="$1" '
BEGIN { while ((getline line < table) > 0) { tab = index(line, "\t"); to[substr(line, 1, tab - 1)] = substr(line, tab + 1) } }
function json(word) { gsub(/\\/, "&&", word); gsub(/"/, "\\\\&", word); return "\"" word "\"" }
${follow}
{
  if (depth == 1) top = key
  if (top == "services" && depth == 3 && key != "") part = key
  mounted = top == "services" && part == "volumes" && depth == 5 && key == "source"
  defined = (top == "configs" || top == "secrets") && depth == 3 && key == "file"
  if ((mounted || defined) && (text(value) in to)) {
    comma = $0 ~ /,$/ ? "," : ""
    match($0, /^ */)
    print substr($0, 1, RLENGTH) "\"" key "\": " json(to[text(value)]) comma
  } else print
}'; }`)

/**
 * Shell function `pin table model`: prints a model with what is said of each service in `table`, a line each with tabs: its
 * name, the digest that becomes its label `srv.hash`, and the image that it runs, never to be looked for elsewhere. Compose
 * itself could lay that over a model, but takes a fifth of a second to.
 */
export const pinFunction = raw(String.raw`pin() { LC_ALL=C awk -v table="$1" '
BEGIN { while ((getline line < table) > 0) { split(line, word, "\t"); digest[word[1]] = word[2]; image[word[1]] = word[3] } }
${emit}${follow}
depth == 1 { top = key }
top == "services" && depth == 2 { service = key }
top == "services" && depth == 3 && key != "" { part = key }
NR == FNR { if (top == "services" && depth == 3 && key == "labels" && value == "{") labelled[service] = 1; next }
FNR == 1 { top = service = part = "" }
top != "services" || !(service in image) { emit($0); next }
depth == 2 {
  emit($0)
  emit("      \"image\": \"" image[service] "\",")
  emit("      \"pull_policy\": \"never\",")
  if (!(service in labelled)) {
    emit("      \"labels\": {")
    emit("        \"srv.hash\": \"" digest[service] "\"")
    emit("      },")
  }
  next
}
depth == 3 && (key == "image" || key == "pull_policy") { next }
depth == 3 && key == "labels" && value != "{" { next }
depth == 4 && part == "labels" && key == "srv.hash" { next }
{ emit($0) }
depth == 3 && key == "labels" { emit("        \"srv.hash\": \"" digest[service] "\",") }
END { print held }
' "$2" "$2"; }`)
