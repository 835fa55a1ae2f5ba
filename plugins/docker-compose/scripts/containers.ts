import { raw } from '../../../src/index.ts'

/**
 * Shell functions about what there is. `look`: all containers of the project, a line each: id, service, digest, state, name, and
 * the label by which Compose counts them, or `-`. One that is `changed` is of no digest that a release has. `of service digest state`: the ids that fit, `!` before a word for those that
 * do not, `*` for any. `touched` is whether containers were stopped or removed since the last look. `discard ids`: removes
 * containers; those that run have their grace period first. `is_listed list ids`: whether one of them is in a file of the
 * plugin's folder.
 */
export const containerFunctions = raw(String.raw`look() {
  engine ps -a --no-trunc --filter "label=com.docker.compose.project=$project" --filter label=com.docker.compose.oneoff=False \
    --format '{{.ID}} {{.Label "com.docker.compose.service"}} {{with .Label "srv.hash"}}{{.}}{{else}}-{{end}} {{.State}} {{.Names}} {{with .Label "com.docker.compose.config-hash"}}{{.}}{{else}}-{{end}}' > "$compose/containers"
  if [ -n "${'$'}{changed:-}" ]; then
    awk -v ids=" $changed " 'index(ids, " " $1 " ") { $3 = "changed" } { print }' "$compose/containers" > "$compose/containers.new"
    mv -f "$compose/containers.new" "$compose/containers"
  fi
  touched=
}
of() { awk -v service="$1" -v digest="$2" -v state="$3" '
  function fits(word, wanted) { return wanted == "*" || (substr(wanted, 1, 1) == "!" ? word != substr(wanted, 2) : word == wanted) }
  fits($2, service) && fits($3, digest) && fits($4, state) { print $1 }' "$compose/containers"; }
discard() {
  up=$(awk -v ids=" $* " '$4 !~ /^(exited|created|dead)$/ && index(ids, " " $1 " ") { print $1 }' "$compose/containers")
  [ -z "$up" ] || engine stop $up >/dev/null
  engine rm -f "$@" >/dev/null
}
count() { set -- $1; echo $#; }
is_listed() {
  list=$compose/$1
  shift
  [ -f "$list" ] || return 1
  for one in "$@"; do ! grep -qxF "$one" "$list" || return 0; done
  return 1
}`)

/** Shell function `repair`: a recreation that was cut off leaves `<12 hex digits>_name` behind, which never ran (docker/compose#1573). */
export const repair = raw(String.raw`repair() {
  left=$(awk '$5 ~ /^[0-9a-f]+_/ && match($5, /^[0-9a-f]+/) && RLENGTH == 12 && $4 == "created" { print $1 }' "$compose/containers")
  [ -z "$left" ] || { engine rm -f $left >/dev/null; look; }
}`)
