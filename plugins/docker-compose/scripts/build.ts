import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Settings } from '../options.ts'
import { imageNames } from './image-name.ts'
import { factsFunction } from './model-awk.ts'
import { prologue, type Site } from './prologue.ts'

/**
 * `said build` prints the services that are built; other kinds of facts work the same way. `makerOf service` prints the service whose
 * build it runs, its own or that of another; `imageOf service` the name by which its image is found on this machine.
 */
export const said = lines(
  imageNames,
  raw(String.raw`said() { LC_ALL=C awk -F '\t' -v kind="$1" '$1 == kind { print $2 }' "$work/facts"; }
makerOf() { LC_ALL=C awk -F '\t' -v service="$1" '$2 == service && ($1 == "build" || $1 == "shares") { print $1 == "build" ? $2 : $3 }' "$work/facts"; }
imageOf() {
  maker=$(makerOf "$1")
  if [ -n "$maker" ]; then tag_of "$maker"; return 0; fi
  LC_ALL=C awk -F '\t' -v service="$1" '$1 == "image" && $2 == service { print $3 }' "$work/facts"
}`),
)

/*
 * `sharing project`: a fact for each service that is not built and has the image of one that is. That name is never made
 * here, since builds have names of their own: who looked for it would find nothing, or what somebody left under it.
 */
const sharing = raw(String.raw`sharing() { LC_ALL=C awk -F '\t' -v project="$1" '
function whole(name) {
  sub(/^(docker\.io\/library|docker\.io|library)\//, "", name)
  return name ~ /@|:[^\/]*$/ ? name : name ":latest"
}
$1 == "build" { built[$2] = 1; order[++count] = $2 }
$1 == "image" { image[$2] = $3 }
END {
  for (at = count; at > 0; at--) maker[whole(order[at] in image ? image[order[at]] : project "-" order[at])] = order[at]
  for (service in image) if (!(service in built) && (whole(image[service]) in maker)) printf "shares\t%s\t%s\n", service, maker[whole(image[service])]
}' "$work/facts"; }`)

/** Which part of it is done on a machine. */
export interface BuildParts {
  readonly builds: boolean
  readonly pulls: boolean
}

/*
 * `expect_service option service`: notes a service that the config names and the compose files do not have. Each is printed as
 * `unknown`, its option and its name, behind a line `known` for each service that there is.
 */
const named = raw(`unknown=
expect_service() {
  said service | grep -qxF -e "$2" && return 0
  [ -n "$unknown" ] || said service | sed 's/^/known /'
  echo "unknown $1 $2"
  unknown="\${unknown:+$unknown, }$2 ($1)"
}`)

function expectNamed({ proxy, overlap }: Settings): Script {
  const asked = [
    ...Object.keys(proxy).map((service) => ['proxy', service] as const),
    ...(typeof overlap === 'boolean' ? [] : overlap.map((service) => ['overlap', service] as const)),
  ]
  if (asked.length === 0) return raw('')
  return lines(
    named,
    ...asked.map(([option, service]) => sh`expect_service ${option} ${service}`),
    raw(
      `[ -z "$unknown" ] || fail "The config names services that the compose files do not have: $unknown. They have: $(said service | paste -sd ' ' -)."`,
    ),
  )
}

/** Prints what each image is called that is built, as a model to lay over the one that was read. */
const names = raw(String.raw`sharing "$project" > "$work/shares.tmp"
cat "$work/shares.tmp" >> "$work/facts"
built=$(said build)
{
  printf '{"services":{'
  comma=
  for service in $built; do printf '%s"%s":{"image":"%s"}' "$comma" "$service" "$(tag_of "$service")"; comma=,; done
  printf '}}\n'
} > "$work/build.json"`)

function make(isFresh: boolean): Script {
  return lines(
    raw(`set -- $built
if [ $# -gt 0 ]; then`),
    sh`  engine compose --progress plain -p "$project" -f "$work/base.json" -f "$work/build.json" build ${isFresh ? ['--pull'] : []} "$@" >&2`,
    raw('fi'),
  )
}

/* Most of the time all of them are there, which a single command shows. */
const lacking = raw(`images_there() { [ $# = 0 ] || engine image inspect "$@" >/dev/null 2>&1; }
set --
for service in $named; do set -- "$@" "$(imageOf "$service")"; done
if images_there "$@"; then named=; fi
set --
for service in $named; do images_there "$(imageOf "$service")" || set -- "$@" "$service"; done`)

function get(isFresh: boolean): Script {
  return lines(
    raw(`named=
for service in $(said image); do
  [ -n "$(makerOf "$service")" ] || named="$named $service"
done`),
    isFresh ? raw('set -- $named') : lacking,
    raw('[ $# = 0 ] || engine compose -p "$project" -f "$work/base.json" pull --quiet "$@" >&2'),
  )
}

/**
 * Gets the newest images of the names in a frozen release, as it would be built anew, and prints `newer`, the service and the
 * name for each that is not what the release runs.
 */
export function lookScript(site: Site, id: string): Script {
  return lines(
    prologue(site),
    sh`id=${id}`,
    raw('work=$compose/$id'),
    said,
    get(true),
    raw(`for service in $named; do
  name=$(imageOf "$service")
  found=$(engine image inspect -f '{{.Id}}' "$name")
  awk -F "$tab" -v service="$service" -v image="$found" '$1 == service && $3 != image { found = 1 } END { exit !found }' "$work/services" ||
    continue
  printf 'newer %s %s\\n' "$service" "$name"
done`),
  )
}

/**
 * Builds what is built, and gets what is not there, before any container is touched. Each image gets a tag of this
 * release's own: a build that breaks half-way moves no name that something else goes by. With a registry, other hosts
 * find there what was built.
 */
export function buildScript(site: Site, id: string, { builds, pulls }: BuildParts): Script {
  const isFresh = site.settings.pull === 'always'
  const isPushed = site.settings.registry !== undefined
  return lines(
    prologue(site),
    sh`id=${id}`,
    raw(`work=$compose/.new-$id`),
    factsFunction,
    said,
    raw('facts "$work" < "$work/base.json" > "$work/facts"'),
    expectNamed(site.settings),
    sharing,
    names,
    ...(builds ? [make(isFresh)] : []),
    ...(builds && isPushed
      ? [raw('for service in $built; do engine push --quiet "$(tag_of "$service")" >&2; done')]
      : []),
    ...(pulls ? [get(isFresh)] : []),
  )
}
