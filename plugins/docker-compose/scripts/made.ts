import { raw } from '../../../src/index.ts'

/**
 * What can be changed of a container that is there, by `docker update` or `docker network`, as one word for `docker inspect
 * -f`: see `state/made.ts` for the names of its parts.
 */
export const madeFormat =
  '{{with .HostConfig}}{{.Memory}}|{{.MemorySwap}}|{{.MemoryReservation}}|{{.NanoCpus}}|{{.CpuShares}}|{{.CpuQuota}}|{{.CpuPeriod}}|{{.CpusetCpus}}|{{with .PidsLimit}}{{.}}{{else}}0{{end}}|{{with .RestartPolicy}}{{.Name}}:{{.MaximumRetryCount}}{{end}}{{end}}|{{range $name, $at := .NetworkSettings.Networks}}{{$name}},{{end}}'

/**
 * Shell function `note ids`: keeps what the sample says of how containers were made, once for each, so that what is changed
 * by hand later is told from that. Those that are there no more are forgotten. Where nobody looked at all of them, as in a
 * rehearsal, there is nothing to keep.
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
