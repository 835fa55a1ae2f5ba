import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { asideFunctions } from './aside.ts'
import { containerFunctions, repair } from './containers.ts'
import { networkFunctions } from './networks.ts'
import { prologue, type Site } from './prologue.ts'

/*
 * Compose makes what the release lacks of what it finds, so that anonymous volumes stay. All that it made is noted as not
 * proved: the step that starts it, or finds it started, watches it.
 */
const become = raw(String.raw`broken() { fail "$1"; }
look
repair
renew_networks
while IFS="$tab" read -r service digest image replicas ends why <&3; do
  own=$(of "$service" "$digest" '*') others=$(of "$service" "!$digest" '*')
  if [ "$replicas" = 0 ]; then
    [ -z "$own$others" ] || discard $own $others
  elif [ -n "$others" ] || [ "$(count "$own")" != "$replicas" ] || is_listed detached $own; then
    echo "$service becomes that of $id"
    frozen up --no-start --no-deps --no-build --pull never --force-recreate --scale "$service=$replicas" "$service" > "$compose/said" 2>&1 ||
      { cat "$compose/said" >&2; fail "$service of $id could not be made"; }
    look
    of "$service" "$digest" '*' >> "$compose/unproved"
  else take_back $own; fi
done 3< "$compose/$id/services"
for service in $(awk 'FILENAME == ARGV[1] { runs[$1] = 1; next } !($2 in runs) && $3 != "-" { print $2 }' "$compose/$id/services" "$compose/containers" | sort -u); do
  discard $(of "$service" '!-' '*')
done
printf '%s\n' "$id" > "$compose/active.new"
mv -f "$compose/active.new" "$compose/active"
rm -f "$compose/said" "$compose/containers"`)

/** Has the containers of a frozen release in place of those of another one, not started: all of the project is stopped. */
export function becomeScript(site: Site, id: string): Script {
  return lines(
    prologue(site),
    sh`id=${id} keeping=`,
    raw(`[ -f "$compose/$id/services" ] || fail "The release $id was never frozen here: $compose/$id is missing."
umask 077
printf '%s\\n' "$id" > "$compose/open"`),
    containerFunctions,
    asideFunctions,
    networkFunctions,
    repair,
    become,
  )
}
