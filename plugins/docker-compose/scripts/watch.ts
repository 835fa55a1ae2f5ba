import { lines, raw, type Script } from '../../../src/index.ts'
import { containerFunctions } from './containers.ts'
import { gateFunctions } from './gate.ts'
import { prologue, type Site } from './prologue.ts'
import { proxyFunctions } from './proxy.ts'

/** Watches the containers of the release that serves, as new ones are, and tells the proxies their addresses: a restart may change them. */
export function watchScript(site: Site, limits: { readonly monitorMs: number; readonly timeoutMs: number }): Script {
  return lines(
    prologue(site),
    raw('read -r id < "$compose/active"'),
    containerFunctions,
    gateFunctions(limits),
    proxyFunctions(site),
    raw(`look
set --
while IFS="$tab" read -r service digest image replicas ends why; do
  for one in $(of "$service" "$digest" '*'); do
    expects="$expects
$one $service $ends"
    set -- "$@" "$one"
  done
done < "$compose/$id/services"
[ $# = 0 ] || watch_them "$@" || fail "$said"
while IFS="$tab" read -r service digest rest; do
  if has_proxy "$service"; then
    set -- $(of "$service" "$digest" running)
    [ $# = 0 ] || route "$service" "$@" >&2
  fi
done < "$compose/$id/services"
rm -f "$compose/sample" "$compose/containers"`),
  )
}
