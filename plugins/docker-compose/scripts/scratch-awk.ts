import { raw } from '../../../src/index.ts'
import { emit, follow } from './model-awk.ts'

/**
 * Shell function `scratch`: turns a frozen model into one that can run next to the project that serves. Its data is that
 * of `$scratch`; ports, labels by which a proxy finds it, fixed names and addresses are gone; volumes and networks
 * are its own, and no network leads out. What it could write to or command elsewhere, a socket too, becomes an empty
 * folder. It exits 3, and says why, when a service uses the network of the host or of what serves, or is tied to a
 * container that is not its own.
 */
export const scratchFunction =
  raw(String.raw`scratch() { LC_ALL=C awk -v data="$data" -v scratch="$scratch" -v mounts="$real/mounts" -v copies="$compose/mounts" \
  -v instance="$instance" -v app="$app" -v empty="$empty" '
function put(line, from, to, all, at, after) {
  all = ""
  while ((at = index(line, from)) > 0) {
    after = substr(line, at + length(from), 1)
    all = all substr(line, 1, at - 1) (after ~ /[A-Za-z0-9_.-]/ ? from : to)
    line = substr(line, at + length(from))
  }
  return all line
}
function blanks(level) { return sprintf("%" (2 * level) "s", "") }
function inside(path, folder) { return path == folder || index(path, folder "/") == 1 }
function mount(at, path) {
  path = source
  if (type == "bind" && !inside(path, data) && !inside(path, mounts) && !(app != "" && inside(path, instance)) \
    && (!readonly || path ~ /\.sock$/ || path ~ /^(\/var)?\/run(\/|$)/)) path = empty
  for (at = 1; at <= count; at++) {
    if (path != source && entry[at] ~ /^ *"source": /) entry[at] = blanks(5) "\"source\": \"" empty "\","
    emit(moved(entry[at]))
  }
}
function moved(line) {
  line = put(put(line, data, scratch), mounts, copies)
  return app == "" ? line : put(line, instance, app)
}${emit}${follow}
skipping { if (depth == level && rest ~ /^[]}]/) skipping = 0; next }
depth == 1 { top = key }
depth == 2 && key != "" && (top == "networks" || top == "volumes") {
  emit(blanks(2) "\"" key "\": " (top == "networks" ? "{ \"internal\": true }" : "{}") ",")
  if (rest ~ /[[{]$/) { skipping = 1; level = 2 }
  next
}
top == "services" && depth == 2 && key != "" { service = key }
top == "services" && depth == 3 && key != "" {
  part = key
  if (key == "network_mode" && value != "null" && text(value) !~ /^(none$|service:)/) { bad = service " uses the network " text(value); exit 3 }
  if (key == "external_links" && rest ~ /[[{]$/) { bad = service " is linked to containers of others"; exit 3 }
  if (key == "ports" || key == "labels" || key == "container_name" || key == "restart" || key == "build" || key == "mac_address") {
    if (rest ~ /[[{]$/) { skipping = 1; level = 3 }
    next
  }
}
top == "services" && part == "volumes_from" && depth == 4 && text(value) ~ /^container:/ { bad = service " uses the volumes of another container"; exit 3 }
top == "services" && part == "deploy" && depth == 4 && key == "restart_policy" {
  if (rest ~ /[[{]$/) { skipping = 1; level = 4 }
  next
}
top == "services" && part == "networks" && depth == 5 && key ~ /^(ipv4_address|ipv6_address|mac_address|link_local_ips)$/ {
  if (rest ~ /[[{]$/) { skipping = 1; level = 5 }
  next
}
top == "services" && part == "volumes" && depth == 4 && rest == "{" { count = 0; type = ""; source = ""; readonly = 0; open = 1 }
open {
  entry[++count] = $0
  if (depth == 5 && key == "type") type = text(value)
  if (depth == 5 && key == "source") source = text(value)
  if (depth == 5 && key == "read_only" && value == "true") readonly = 1
  if (depth == 4 && rest == "}") { open = 0; mount() }
  next
}
{ emit(moved($0)) }
END { if (bad != "") { print bad > "/dev/stderr"; exit 3 } print held }
'; }`)
