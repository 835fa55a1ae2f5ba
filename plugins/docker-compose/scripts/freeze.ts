import { lines, raw, sh, type Release, type Script } from '../../../src/index.ts'
import { said } from './build.ts'
import { swarmDefaults } from '../swarm/defaults.ts'
import { unknownNodes } from '../swarm/nodes.ts'
import { stackFunction } from '../swarm/stack-awk.ts'
import { boundFunction } from './bound-awk.ts'
import { pinFunction, relocateFunction } from './model-awk.ts'
import { mountFunctions } from './mounts.ts'
import { prologue, type Site } from './prologue.ts'

/** An anonymous volume: a new container beside the old one would start with an empty one; Compose hands it on to a container that replaces another. */
const nameless = 'it has an anonymous volume at '

/**
 * One line for each service, in the order in which they start: name, digest, image id, number of containers, whether
 * it may end by itself, and why two versions of it cannot run at the same time, which is empty when they can. `folder` is
 * where each version has files of its own, but for paths that an app wrote to: none in a checkout that stays.
 */
const table = String.raw`
BEGIN { nameless = "${nameless}" }
FILENAME == ARGV[1] { wrote[$1] = 1; next }
$1 == "service" { order[++count] = $2; replicas[$2] = 1; restart[$2] = "no" }
$1 == "after" { after[$2, ++befores[$2]] = $3 }
$1 == "ends" { ends[$2] = 1 }
$1 == "replicas" { replicas[$2] = $3 }
$1 == "global" && swarm { everywhere[$2] = 1 }
$1 == "restart" { restart[$2] = $3; told[$2] = 1 }
$1 == "condition" && swarm { condition[$2] = $3 == "any" ? "always" : $3; told[$2] = 1 }
$1 == "healthcheck" { watched[$2] = 1 }
function reason(service, words) { if (why[service] == "") why[service] = words }
$1 == "port" { serves[$2] = 1; if (!swarm || $4 == "host") reason($2, "it publishes port " $3 " of the host") }
$1 == "named" && !swarm { reason($2, "its container has the fixed name " $3) }
$1 == "network" && $3 == "host" && !swarm { reason($2, "it uses the network of the host") }
$1 == "bind" && $3 == "rw" && (folder == "" || index($4 "/", folder "/") != 1 || $4 in wrote) && !overlaps($2) { reason($2, "it writes to " $4) }
$1 == "volume" && $3 == "rw" && !overlaps($2) { reason($2, "it writes to the volume " $4) }
$1 == "nameless" && !swarm { reason($2, nameless $3) }
function overlaps(service) { return overlap == "*" || index(overlap, " " service " ") > 0 }
function visit(service, at) {
  if (seen[service]++) return
  for (at = 1; at <= befores[service]; at++) visit(after[service, at])
  sorted[++total] = service
}
END {
  for (at = 1; at <= count; at++) visit(order[at])
  for (at = 1; at <= total; at++) {
    service = sorted[at]
    if (!(service in replicas)) continue
    if (service in condition) restart[service] = condition[service]
    # A swarm starts again what ends, unless it was told not to.
    free = (!swarm || told[service]) && !serves[service] && !watched[service] && index(proxied, " " service " ") == 0 && restart[service] !~ /^(always|unless-stopped)/
    if (!swarm && index(proxied, " " service " ") == 0) reason(service, "no proxy is in front of it")
    printf "%s\t%s\t%s\t%s\n", service, everywhere[service] ? "global" : replicas[service], ends[service] ? "ends" : free ? "may-end" : "stays", why[service]
  }
}`

/** Extracts from a release what a host has to know without its repository. */
function recordOf(release: Release, startedAt: string, actor: string): string {
  const { id, commit, ref } = release
  return JSON.stringify({
    id,
    made: startedAt,
    by: actor,
    ...(commit === undefined ? {} : { commit }),
    ...(ref === undefined ? {} : { ref }),
  })
}

/** What is frozen: see `renderScript`. `isInPlace` when the folder is a checkout that stays and holds what was written there. */
export interface Freezing {
  readonly release: Release
  readonly folder: string
  readonly isInPlace: boolean
  readonly startedAt: string
  readonly actor: string
  /** Milliseconds for which a swarm watches each container that it replaced. */
  readonly monitorMs: number
  /** Nodes of a swarm that get no images of this release. */
  readonly strangers?: readonly string[]
}

/**
 * Freezes a release: image ids in place of names that could move, copies of what is mounted out of the release, and a
 * digest of each service, which its containers carry as the label `srv.hash`. Compose's own digest knows neither the
 * content of mounted files nor, before v5.5.0, that of env files (docker/compose#14001).
 */
export function freezeScript(
  site: Site,
  { release, folder, isInPlace, startedAt, actor, monitorMs, strangers = [] }: Freezing,
): Script {
  const { overlap, proxy } = site.settings
  const isSwarm = site.role !== 'alone'
  const overlaps = overlap === true ? '*' : overlap === false ? '' : ` ${overlap.join(' ')} `
  return lines(
    prologue(site),
    sh`id=${release.id} folder=${folder} overlaps=${overlaps} proxied=${` ${Object.keys(proxy).join(' ')} `} own=${isInPlace ? '' : folder} swarm=${isSwarm ? '1' : ''} registry=${site.settings.registry ?? ''}`,
    sh`strangers=${strangers.join(' ')} bare=`,
    raw(`umask 077
work=$compose/.new-$id
built=$(awk -F "$tab" '$1 == "build" { printf " %s", $2 }' "$work/facts")`),
    said,
    mountFunctions(isInPlace),
    relocateFunction,
    raw(String.raw`while IFS="$tab" read -r kind service mode path; do
  case $kind in
  bind) mounted "$path" "$service" ;;
  file) mounted "$mode" "$service" ;;
  esac
done < "$work/facts"
awk -F '\t' -v folder="$own" -v overlap="$overlaps" -v proxied="$proxied" -v swarm="$swarm" '`),
    raw(table),
    raw(String.raw`' "$work/wrote" "$work/facts" > "$work/table"
: > "$work/bound"`),
    ...(isSwarm ? [] : [boundFunction, raw('bound < "$work/base.json" > "$work/bound"')]),
    raw(String.raw`set --
while IFS="$tab" read -r service rest; do
  set -- "$@" "$(imageOf "$service")"
done < "$work/table"
engine image inspect -f '{{.Id}}{{range .RepoDigests}} {{.}}{{end}}|{{with .Config}}{{range $at, $_ := .Volumes}}{{$at}}|{{end}}{{end}}' "$@" > "$work/found"
uncovered() { # volumes of an image with | between: the first on which the service mounts nothing else
  printf '%s\n' "$1" | tr '|' '\n' | while IFS= read -r at; do
    [ -n "$at" ] || continue
    at=$at service=$service awk -F '\t' '$1 == "target" && $2 == ENVIRON["service"] && $3 == ENVIRON["at"] { found = 1 } END { exit !found }' "$work/facts" ||
      { printf '%s\n' "$at"; break; }
  done
}
exec 3< "$work/found"
comma= tagging=
[ -z "$swarm" ] || printf '{"services":{' > "$work/over.json"
: > "$work/services"
while IFS="$tab" read -r service replicas ends why; do
  IFS='|' read -r image volumes <&3
  digests=${'$'}{image#* } image=${'$'}{image%% *}
  [ "$digests" != "$image" ] || digests=
  if [ -z "$why$swarm" ] && [ -n "$volumes" ]; then
    why=$(uncovered "$volumes")
    why=${'$'}{why:+${nameless}$why}
  fi
  case "$built " in *" $service "*) ;; *)
    engine tag "$image" "$(tag_of "$service")" &
    tagging="$tagging $!" ;;
  esac
  hash=$({
    printf '%s\n' "$image" "$project"
    sed "s|$folder|.|g" "$work/service.$service"
    awk -v service="$service" 'FILENAME == ARGV[1] { if ($1 == service) others[$2] = 1; next } $1 in others { print $1, $2 }' "$work/bound" "$work/services"
    awk -F '\t' -v service="$service" '$1 == "uses" && $2 == service { print $3 }' "$work/facts" | while IFS= read -r used; do
      sed "s|$work|.|g; s|$folder|.|g" "$work/$used"
    done
    awk -F '\t' -v service="$service" '$1 == "uses" && $2 == service { print $3 }' "$work/facts" > "$work/used"
    awk -F '\t' -v service="$service" -v list="$work/used" 'BEGIN { while ((getline line < list) > 0) used[line] = 1 }
      $1 == "bind" && $2 == service { print $4 } $1 == "file" && ($2 in used) { print $3 }' "$work/facts" |
      while IFS= read -r path; do
        awk -F '\t' -v path="$path" '$1 == path { n = split($2, part, "/"); print part[n] }' "$work/moved" "$work/contents"
      done
  } | sha256sum | cut -c 1-20)
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$service" "$hash" "$image" "$replicas" "$ends" "$why" >> "$work/services"
  if [ -n "$swarm" ]; then
    # What a registry has, every node gets by itself; an image id is taken as it is, and never looked for elsewhere. One image
    # may have been in several registries: the name is that of its own.
    name=$(imageOf "$service")
    [ -z "$(makerOf "$service")" ] || name=${'$'}{registry:+$name}
    name=${'$'}{name%%@*}
    case ${'$'}{name##*/} in *:*) name=${'$'}{name%:*} ;; esac
    runs=$image
    [ -z "$name" ] || [ -z "$digests" ] || runs=${'$'}{digests%% *}
    for one in $digests; do [ "${'$'}{one%@*}" != "$name" ] || runs=$one; done
    case $runs in *@*) ;; *) grep -qxF "placed$tab$service" "$work/facts" || bare="$bare $service" ;; esac
    printf '%s"%s":{"image":"%s","pull_policy":"never","labels":{"srv.hash":"%s"},"deploy":{"labels":{"srv.hash":"%s","srv.release":"%s"}}}' "$comma" "$service" "$runs" "$hash" "$hash" "$id" >> "$work/over.json"
    comma=,
  fi
done < "$work/table"
exec 3<&-
cut -d '|' -f 1 "$work/found" > "$work/images"
for one in $tagging; do wait "$one"; done`),
    ...(isSwarm
      ? [
          unknownNodes,
          raw(`printf '}}\\n' >> "$work/over.json"
set -- -f "$work/base.json" -f "$work/over.json"`),
          swarmDefaults(monitorMs),
          raw('engine compose -p "$project" "$@" config --format json > "$work/whole.json"'),
        ]
      : [pinFunction, raw('pin "$work/services" "$work/base.json" > "$work/whole.json"')]),
    raw('relocate "$work/moved" < "$work/whole.json" > "$work/model.json"'),
    ...(isSwarm ? [stackFunction, raw('stack "$work/contents" < "$work/model.json" > "$work/stack.json"')] : []),
    sh`printf '%s\n' ${recordOf(release, startedAt, actor)} > "$work/release.json"`,
    // Later, newer images are looked for by what the names in it stand for then.
    ...(site.settings.pull === 'always' ? [] : [raw('rm -f "$work/base.json"')]),
    raw(`printf '%s\\n' "$images" > "$work/named"
rm -f "$work"/service.* "$work"/configs.* "$work"/secrets.* "$work"/networks.* "$work"/volumes.* "$work"/writable "$work"/wrote "$work"/used "$work"/bound "$work"/table "$work"/defaults.json "$work"/image.json "$work"/env.json "$work"/asked.json "$work"/tags "$work"/found "$work"/whole.json "$work"/*.tmp
rm -rf "$work/values" "\${compose:?}/$id"
mv -T "$work" "$compose/$id"`),
  )
}
