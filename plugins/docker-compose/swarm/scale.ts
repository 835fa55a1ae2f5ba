import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { effective, type Options } from '../options.ts'
import { prologue, type Site } from '../scripts/prologue.ts'
import { serving } from '../scripts/ask.ts'
import { evidenceFunctions } from './evidence.ts'
import { stackGate } from './gate.ts'

/**
 * Changes how many containers services have, until the next deploy, and waits for them: a number that cannot be met is
 * taken back. `counts` are `service=number`.
 */
export function scaleScript(site: Site, options: Options, counts: readonly string[]): Script {
  return lines(
    prologue(site),
    serving,
    stackGate(effective(options, site.settings)),
    evidenceFunctions,
    sh`set -- ${counts}`,
    raw(String.raw`: > "$compose/numbers"
for wanted in "$@"; do
  service=${'$'}{wanted%%=*}
  awk -F '\t' -v name="$service" '$1 == name { found = 1 } END { exit !found }' "$compose/$id/services" ||
    fail "There is no service $service in the release: $(cut -f 1 "$compose/$id/services" | paste -sd ' ' -)"
  number=$(engine service inspect -f '{{with .Spec.Mode.Replicated}}{{.Replicas}}{{end}}' "${'$'}{project}_$service")
  [ -n "$number" ] || fail "$service has one container on every node of the swarm: it cannot be scaled."
  printf '%s=%s\n' "$service" "$number" >> "$compose/numbers"
done
table=$compose/$id/services
begin
for wanted in "$@"; do engine service scale --detach "${'$'}{project}_$wanted" >&2; done
settle 3 "$monitor" || {
  evidence
  why=$said culprit=$guilty
  while read -r before; do engine service scale --detach "${'$'}{project}_$before" >&2; done < "$compose/numbers"
  if settle 3 0; then why="$why. It is scaled back: $(paste -sd ' ' - < "$compose/numbers")"
  else why="$why. It is scaled back, and then: $said"; fi
  guilty=$culprit
  broken "$why"
}
tidy`),
  )
}
