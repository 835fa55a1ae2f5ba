import { raw } from '../../../src/index.ts'
import { follow } from '../scripts/model-awk.ts'

/** Keys of a service that the file format 3.8 has, of which `docker stack deploy` is the reader; others it refuses. */
const kept =
  'cap_add cap_drop command configs credential_spec deploy devices dns dns_search domainname entrypoint environment expose ' +
  'extra_hosts healthcheck hostname image init isolation labels logging mac_address networks ports read_only secrets ' +
  'shm_size stdin_open stop_grace_period stop_signal sysctls tmpfs tty ulimits user volumes working_dir'

/** What no stack needs to be told: it orders, restarts and names by itself, or srv has done it. */
const silent = 'build pull_policy depends_on restart container_name profiles scale image'

/**
 * Shell function `stack contents`: turns a model of Compose into what `docker stack deploy` reads, a line at a time. It
 * says on standard error what a swarm cannot do and is left out, and fails where leaving it out would be another app.
 * `contents` has the digests of files by path: configs and secrets of a swarm never change (moby#35048), so a new content
 * gets a new name. YAML, unlike JSON, takes the comma in front of what was left out at an end.
 */
export const stackFunction = raw(String.raw`stack() { LC_ALL=C awk -v contents="$1" '
BEGIN {
  while ((getline line < contents) > 0) { tab = index(line, "\t"); digest[substr(line, 1, tab - 1)] = substr(line, tab + 1) }
  split("${kept}", names, " "); for (at in names) known[names[at]] = 1
  split("${silent}", names, " "); for (at in names) quiet[names[at]] = 1
}
function refuse(words) { print words > "/dev/stderr"; failed = 1 }
function leave() { if (rest ~ /[{[]$/) { skipping = 1; until = depth } }
function put(word) { match($0, /^ */); print substr($0, 1, RLENGTH) "\"" key "\": " word ($0 ~ /,$/ ? "," : "") }
${follow}
skipping { if (depth == until && rest ~ /^[]}]/) skipping = 0; next }
NR == 1 { print; print "  \"version\": \"3.8\","; next }
depth == 1 && key != "" { top = key; if (key == "name" || key ~ /^x-/) { leave(); next } }
top == "services" && depth == 2 && key != "" { service = key }
top == "services" && depth == 3 && key != "" {
  part = key
  if (value == "null") next
  if (!(key in known)) {
    if (key == "network_mode" && text(value) !~ /^(bridge|default)$/) refuse(service ": a swarm has no network_mode: " text(value))
    else if (key ~ /^(ipc|pid|volumes_from)$/) refuse(service ": a swarm has no " key)
    else if (!(key in quiet)) print service ": a swarm has no " key ": left out" > "/dev/stderr"
    leave(); next
  }
}
top == "services" && part == "ports" && depth == 5 {
  if (key == "host_ip" && text(value) != "0.0.0.0") refuse(service ": a swarm publishes on all addresses of a node, not on " text(value) " alone")
  if (key == "published" && text(value) ~ /^[0-9]+$/) { put(text(value)); next }
  if (key != "" && key !~ /^(mode|target|published|protocol)$/) { leave(); next }
}
top == "services" && part == "volumes" && depth == 6 && key !~ /^(propagation|nocopy|size)$/ && key != "" { leave(); next }
top == "services" && part == "volumes" && depth == 6 && key == "size" { put(text(value)); next }
top == "services" && (part == "configs" || part == "secrets") && depth == 5 && key == "mode" { put(text(value)); next }
top == "services" && part == "healthcheck" && depth == 4 && key == "start_interval" { next }
top == "services" && part == "networks" && depth == 5 && key !~ /^(aliases|ipv4_address|ipv6_address)$/ && key != "" { leave(); next }
top == "services" && part == "deploy" && depth == 6 && key == "cpus" { put("\"" text(value) "\""); next }
top == "services" && part == "deploy" && depth == 6 && key == "pids" { next }
top == "services" && part == "extra_hosts" && depth == 4 { sub(/=/, ":") }
top == "networks" && depth == 3 && key !~ /^(name|driver|driver_opts|ipam|external|internal|attachable|labels)$/ && key != "" { leave(); next }
(top == "configs" || top == "secrets") && depth == 2 && key != "" { definition = key; isOurs = 0; name = "" }
(top == "configs" || top == "secrets") && depth == 3 {
  if (key == "content" || key == "environment") refuse(top "." definition ": a swarm can only take it from a file, not from " key)
  if (key == "name") { name = $0; next }
  if (key == "file") {
    path = text(value); last = path; sub(/.*\//, "", last)
    suffix = (path in digest) ? digest[path] : last
    if (suffix !~ /^[0-9a-f]+$/) refuse(top "." definition ": there is no digest of " path)
    isOurs = 1
  }
}
(top == "configs" || top == "secrets") && depth == 2 && rest ~ /^}/ && name != "" {
  # The model names each one, with the name in front of the file or behind it: it is written once both are known.
  sub(/",?$/, (isOurs ? "_" substr(suffix, 1, 12) : "") "\",", name); print name; name = ""
}
(top == "configs" || top == "secrets") && depth == 3 && rest !~ /[{[]$/ { sub(/,?$/, ",") }
{ print }
END { exit failed }'; }`)
