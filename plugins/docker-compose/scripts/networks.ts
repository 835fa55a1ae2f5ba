import { lines, raw } from '../../../src/index.ts'
import { follow } from './model-awk.ts'

/** `definitions_of model`: each network that the project makes, a line each: its name, a tab, and all that is said of it. */
const read = raw(String.raw`definitions_of() { LC_ALL=C awk '${follow}
depth == 1 { top = key; next }
top != "networks" { next }
depth == 2 && key != "" { name = said = ""; external = 0; next }
depth == 2 { if (name != "" && !external) printf "%s\t%s\n", name, said; next }
{
  if (depth == 3 && key == "name") name = text(value)
  if (depth == 3 && key == "external" && value == "true") external = 1
  said = said key ":" rest " "
}' "$1"; }`)

/*
 * `detach network`: stops everything that uses a network, and removes it. Its containers are kept for Compose, which carries
 * over their anonymous volumes when it replaces them; they are listed in `detached` as unusable in their present state.
 */
const detach = raw(String.raw`detach() {
  engine network inspect "$1" >/dev/null 2>&1 || return 0
  ours=" $(echo $(of '*' '!-' '*')) "
  engine ps -a --no-trunc --filter "network=$1" --format '{{.ID}} {{.State}} {{.Names}}' > "$compose/attached"
  strange=$(awk -v ours="$ours" '$2 != "exited" && $2 != "created" && index(ours, " " $1 " ") == 0 { print $3 }' "$compose/attached" | paste -sd ' ' -)
  [ -z "$strange" ] || { guilty=; broken "The network $1 changes, and containers outside the release use it: $strange. Disconnect them from the network first."; }
  ours=$(awk -v ours="$ours" 'index(ours, " " $1 " ") { print $1 }' "$compose/attached")
  rm -f "$compose/attached"
  echo "the network $1 changes: first stopping everything on it"
  printf '%s\n' $ours >> "$compose/detached"
  [ -z "$ours" ] || engine stop $ours >/dev/null
  for one in $ours; do engine network disconnect -f "$1" "$one"; done
  engine network rm "$1" >/dev/null
  look
}`)

/*
 * `renew_networks`: removes the networks whose definition in the release differs from the one they were made with. Compose
 * since v2.31 (docker/compose#12267) would do it service by service, and fails where another service still runs on the
 * network; before that it leaves them as they are. `networks` records how they were made.
 */
const renew = raw(String.raw`renew_networks() {
  [ -f "$compose/$id/model.json" ] || return 0
  if [ ! -f "$compose/networks" ]; then
    before=
    [ ! -f "$compose/active" ] || read -r before < "$compose/active"
    if [ -f "$compose/$before/model.json" ]; then definitions_of "$compose/$before/model.json"; fi > "$compose/networks"
  fi
  definitions_of "$compose/$id/model.json" > "$compose/networks.new"
  for network in $(awk -F '\t' 'FILENAME == ARGV[1] { was[$1] = $2; next } ($1 in was) && was[$1] != $2 { print $1 }' "$compose/networks" "$compose/networks.new"); do
    detach "$network"
  done
  # Of those that the release does not have, it is kept how they were made.
  awk -F '\t' 'FILENAME == ARGV[1] { named[$1] = 1; print; next } !($1 in named)' "$compose/networks.new" "$compose/networks" > "$compose/networks.all"
  mv -f "$compose/networks.all" "$compose/networks"
  rm -f "$compose/networks.new"
}`)

/** Shell functions about networks whose definition changes; those about containers, and `broken`, stand beside. */
export const networkFunctions = lines(read, detach, renew)
