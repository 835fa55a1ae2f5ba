import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { factsFunction } from './model-awk.ts'
import { prologue, type Site } from './prologue.ts'

/** Prints the words of the facts of one kind: `said build` the services that are built. */
export const said = raw(String.raw`said() { LC_ALL=C awk -F '\t' -v kind="$1" '$1 == kind { print $2 }' "$work/facts"; }
imageOf() { LC_ALL=C awk -F '\t' -v service="$1" '$1 == "image" && $2 == service { print $3 }' "$work/facts"; }`)

/** What of it is done on a machine. */
export interface BuildParts {
  readonly builds: boolean
  readonly pulls: boolean
}

/** Prints what each image is called that is built, as a model to lay over the one that was read. */
const names = raw(String.raw`facts "$work" < "$work/base.json" > "$work/facts"
built=$(said build)
{
  printf '{"services":{'
  comma=
  for service in $built; do printf '%s"%s":{"image":"%s%s:%s"}' "$comma" "$service" "$images" "$service" "$id"; comma=,; done
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

/* Most of the time all of them are there, which one question tells. */
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
  case "
$built
" in *"
$service
"*) ;; *) named="$named $service" ;; esac
done`),
    isFresh ? raw('set -- $named') : lacking,
    raw('[ $# = 0 ] || engine compose -p "$project" -f "$work/base.json" pull --quiet "$@" >&2'),
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
    names,
    ...(builds ? [make(isFresh)] : []),
    ...(builds && isPushed
      ? [raw('for service in $built; do engine push --quiet "$images$service:$id" >&2; done')]
      : []),
    ...(pulls ? [get(isFresh)] : []),
  )
}
