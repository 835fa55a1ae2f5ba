import { raw } from '../../../src/index.ts'

/**
 * What can be changed of a container that is there, by `docker update` or `docker network`, as one word for `docker inspect
 * -f`: see `state/made.ts` for the names of its parts.
 */
export const madeFormat =
  '{{with .HostConfig}}{{.Memory}}|{{.MemorySwap}}|{{.MemoryReservation}}|{{.NanoCpus}}|{{.CpuShares}}|{{.CpuQuota}}|{{.CpuPeriod}}|{{.CpusetCpus}}|{{with .PidsLimit}}{{.}}{{else}}0{{end}}|{{with .RestartPolicy}}{{.Name}}:{{.MaximumRetryCount}}{{end}}{{end}}|{{range $name, $at := .NetworkSettings.Networks}}{{$name}},{{end}}'

/**
 * Shell function `note ids`: records once how each container was made, as the sample shows it, so that later changes by hand
 * can be told from that. Containers that no longer exist are forgotten. Where not all of them were looked at, as in a
 * rehearsal, nothing is recorded.
 */
export const noteFunction = raw(String.raw`noted=
note() {
  [ "$noted" != "$*" ] && [ -f "$compose/containers" ] || return 0
  noted=$*
  [ -f "$compose/made" ] || : > "$compose/made"
  awk 'FILENAME == ARGV[1] { there[$1] = 1; next }
    FILENAME == ARGV[2] { if ($1 in there) { known[$1] = 1; print }; next }
    NF == 7 && !($1 in known) { print $1, $7 }' "$compose/containers" "$compose/made" "$compose/sample" > "$compose/made.new"
  mv -f "$compose/made.new" "$compose/made"
}`)
