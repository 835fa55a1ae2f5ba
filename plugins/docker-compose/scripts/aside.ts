import { lines, raw } from '../../../src/index.ts'

/*
 * `set_aside ids`: stops earlier containers, with their grace period, and frees their names. They are not removed, so that
 * an undo can have them serve again. `aside` has a line for each: id, name, state. `take_back ids` undoes the name;
 * `was_stopped ids` is whether one of them ended only because it was set aside.
 */
const aside = raw(String.raw`set_aside() {
  awk -v ids=" $* " 'index(ids, " " $1 " ") { print $1, $5, $4 }' "$compose/containers" >> "$compose/aside"
  engine stop "$@" >/dev/null
  for one in "$@"; do
    name=$(awk -v id="$one" '$1 == id { print $5; exit }' "$compose/containers") short=$(printf '%.12s' "$one")
    case $name in *"-aside-$short") ;; *) engine rename "$one" "$name-aside-$short" ;; esac
  done
  look
}
was_stopped() {
  [ -f "$compose/aside" ] && awk -v ids=" $* " 'index(ids, " " $1 " ") && $3 !~ /^(exited|created|dead)$/ { found = 1 } END { exit !found }' "$compose/aside"
}
take_back() {
  [ -f "$compose/aside" ] || return 0
  for one in "$@"; do
    name=$(awk -v id="$one" 'FILENAME == ARGV[1] { if ($1 == id && before == "") before = $2; next } $1 == id && before != "" && before != $5 { print before }' "$compose/aside" "$compose/containers")
    [ -z "$name" ] || engine rename "$one" "$name"
  done
}`)

/*
 * `give_way service`: sets aside what holds a port or the name that a service is about to take. Of a service that is no
 * longer part of the release, which may be this one under its old name, it also sets aside what uses the network of the host
 * or writes to the same place. The other earlier containers go on until the deploy has succeeded.
 */
const way = raw(String.raw`needs_of() {
  awk -F '\t' -v service="$1" '$2 == service && ($1 == "port" || $1 == "named" || ($1 == "network" && $3 == "host") || (($1 == "bind" || $1 == "volume") && $3 == "rw"))' "$compose/$id/facts"
}
give_way() {
  [ -f "$compose/$id/facts" ] && [ -n "$(needs_of "$1")" ] || return 0
  stale=$(awk -v service="$1" -v kept="$keeping" 'FILENAME == ARGV[1] { digest[$1] = $2; next } $2 != service && ($3 != "-" || kept != "" && ($2 in digest)) && !(($2 in digest) && digest[$2] == $3) { print $1 }' "$compose/$id/services" "$compose/containers")
  [ -n "$stale" ] || return 0
  needs_of "$1" > "$compose/needs"
  blocking=$(engine inspect -f '{{.Id}}{{"\t"}}{{.Name}}{{"\t"}}{{.State.Running}}{{"\t"}}{{index .Config.Labels "com.docker.compose.service"}}{{"\t"}}{{.HostConfig.NetworkMode}}{{"\t"}}{{range .HostConfig.PortBindings}}{{range .}}{{.HostPort}} {{end}}{{end}}{{range .Mounts}}{{if .RW}}{{"\t"}}{{if .Name}}{{.Name}}{{else}}{{.Source}}{{end}}{{end}}{{end}}' $stale |
    awk -F '\t' -v project="$project" '
      FILENAME == ARGV[1] { split($1, word, " "); known[word[1]] = 1; next }
      FILENAME == ARGV[2] {
        if ($1 == "named") named = "/" $3
        if ($1 == "network") host = 1
        if ($1 == "port") { split($3, range, "-"); for (one = range[1] + 0; one <= (range[2] == "" ? range[1] : range[2]) + 0; one++) wanted[one] = ports = 1 }
        if ($1 == "bind" || $1 == "volume") writes[$4] = writes[project "_" $4] = 1
        next
      }
      {
        gone = !($4 in known)
        blocks = $2 == named
        if ($3 == "true") {
          count = split($6, port, " ")
          for (at = 1; at <= count; at++) if ((port[at] + 0) in wanted) blocks = 1
          if (gone && (host && ($5 == "host" || count > 0) || ports && $5 == "host")) blocks = 1
          if (gone) for (at = 7; at <= NF; at++) if ($at in writes) blocks = 1
        }
        if (blocks) print $1
      }' "$compose/$id/services" "$compose/needs" -)
  rm -f "$compose/needs"
  [ -n "$blocking" ] || return 0
  echo "$1: stopping what is in its way: $(for one in $blocking; do awk -v id="$one" '$1 == id { print $5 }' "$compose/containers"; done | paste -sd ' ' -)"
  set_aside $blocking
}`)

/** Shell functions that keep earlier containers out of the way of new ones without removing them; the functions about containers come before. */
export const asideFunctions = lines(aside, way)
