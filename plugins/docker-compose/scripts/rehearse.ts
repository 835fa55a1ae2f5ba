import { lines, raw, sh, type ExecOptions, type Placement, type Scratch, type Script } from '../../../src/index.ts'
import { layoutOf } from '../layout.ts'
import { effective, type Options, type Settings } from '../options.ts'
import { containerFunctions } from './containers.ts'
import { gateFunctions } from './gate.ts'
import { prologue, siteOf, type Site } from './prologue.ts'
import { scratchFunction } from './scratch-awk.ts'

type Where = Pick<Scratch, 'folder' | 'data'>

/** The project of a rehearsal: what is kept of it lies in scratch, and nothing of it has the name of what serves. */
function scratchSite(placement: Placement, settings: Settings, { folder, data }: Where): Site {
  const site = siteOf({ ...placement, paths: { ...placement.paths, data } }, settings)
  const { layout } = site
  return {
    ...site,
    layout: { ...layout, data, compose: `${folder}/compose`, project: `srv-rehearsal-${layout.project}` },
  }
}

/** What is laid over every service. A restart of the machine must not bring it back. */
function overlay({ variables }: Scratch): string {
  return JSON.stringify({ restart: 'no', environment: { SRV_REHEARSAL: '1', ...variables } }).replaceAll('$', '$$$$')
}

/**
 * Makes the model of a project that can run beside the one that serves, from the release as it was frozen, unless it is
 * there already, and starts all of it, or some services and what they need. Files that this release mounts are copied, since
 * a container could write to them; what apps wrote beside them, and nobody else may read, is left out.
 */
export function beginScript(
  placement: Placement,
  settings: Settings,
  scratch: Scratch,
  names: readonly string[] = [],
): Script {
  const { compose: real, data } = layoutOf(placement, settings)
  const { folder, release } = scratch
  return lines(
    prologue(scratchSite(placement, settings, scratch)),
    sh`id=${release.id} real=${real} data=${data} scratch=${scratch.data} folder=${folder} over=${overlay(scratch)}`,
    sh`set -- ${names}`,
    raw(`umask 077
app= empty=$folder/empty
if [ ! -e "$compose/$id/over.json" ]; then
[ -f "$real/$id/model.json" ] || fail "the release $id is no longer on the host"
mkdir -p "$compose/$id" "$empty"
chmod 711 "$compose"
chmod 755 "$empty"
mkdir -p "$compose/mounts"
cut -f 2 "$real/$id/moved" 2>/dev/null | sort -u | while IFS= read -r place; do
  case $place in "$real"/mounts/*) ;; *) continue ;; esac
  cp -pPR "$place" "$compose/mounts/" 2>/dev/null || echo "without what only the app may read: $place"
done
cp -p "$real/$id/services" "$compose/$id/services"
if grep -qF "\\"source\\": \\"$instance" "$real/$id/model.json"; then
  app=$folder/app
  cp -pPR "$instance" "$app"
fi`),
    scratchFunction,
    raw(`scratch <"$real/$id/model.json" >"$compose/$id/model.json" 2>"$compose/said" || fail "$(cat "$compose/said"): it cannot run next to the real one"
over=$over awk -F '\\t' '{ printf "%s\\"%s\\":%s", (NR == 1 ? "{\\"services\\":{" : ","), $1, ENVIRON["over"] } END { print "}}" }' "$compose/$id/services" >"$compose/$id/over.json"
fi
[ $# -gt 0 ] || set -- $(cut -f 1 "$compose/$id/services")
if ! frozen -f "$compose/$id/over.json" up -d --no-build --pull never "$@" >"$compose/said" 2>&1; then
  cat "$compose/said" >&2
  exit 1
fi`),
    // What is talked to next has to be up; whoever talks to it will notice if it is not.
    ...(names.length === 0
      ? []
      : [
          raw(
            'frozen -f "$compose/$id/over.json" up -d --no-build --pull never --wait --wait-timeout 300 "$@" >/dev/null 2>&1 || :',
          ),
        ]),
  )
}

/** Runs a command inside a service of the project, in one compound command. */
export function insideScript(
  placement: Placement,
  settings: Settings,
  scratch: Scratch,
  service: string,
  words: readonly string[],
  { input = false }: ExecOptions,
): Script {
  return lines(
    raw('('),
    prologue(scratchSite(placement, settings, scratch)),
    sh`id=${scratch.release.id}`,
    sh`${raw(input ? 'fed' : 'frozen')} exec -T ${service} ${words}`,
    raw(')'),
  )
}

/** Waits until all containers stay up and are healthy, as their healthchecks say. */
export function gateScript(placement: Placement, settings: Settings, options: Options, scratch: Scratch): Script {
  return lines(
    prologue(scratchSite(placement, settings, scratch)),
    sh`id=${scratch.release.id}`,
    raw('umask 077'),
    containerFunctions,
    gateFunctions(effective(options, settings)),
    raw(`look
started=
while IFS="$tab" read -r service digest image replicas ends why; do
  for one in $(of "$service" '*' '*'); do
    expects="$expects
$one $service $ends"
    started="$started $one"
  done
done <"$compose/$id/services"
[ -n "$started" ] || fail 'the release has no containers'
if ! watch_them $started; then
  printf '%s\\n' "$said" >&2
  [ -z "\${guilty:-}" ] || engine logs --tail 20 "$guilty" >&2 2>&1 || :
  exit 1
fi
echo "containers stay up: $(count "$started")"`),
  )
}

/** Exports where it is, for a command of the user. */
export function enterScript(placement: Placement, settings: Settings, scratch: Scratch): Script {
  const { layout, variables } = scratchSite(placement, settings, scratch)
  const all = {
    ...Object.fromEntries(variables),
    SRV_ENVIRONMENT: scratch.environment,
    SRV_RELEASE: scratch.release.id,
    SRV_PROJECT: layout.project,
    SRV_REHEARSAL: '1',
    ...scratch.variables,
  }
  return lines(
    sh`cd ${scratch.folder}`,
    ...Object.entries(all).map(([name, value]) => sh`export ${raw(name)}=${value}`),
  )
}

/** Removes the containers, networks and volumes of a rehearsal by their labels, even if its model is gone. */
export function endScript(placement: Placement, settings: Settings, where: Where): Script {
  return lines(
    prologue(scratchSite(placement, settings, where)),
    raw(`label=label=com.docker.compose.project=$project
found=$(engine ps -aq --filter "$label")
[ -z "$found" ] || engine rm -f -v $found >/dev/null
found=$(engine volume ls -q --filter "$label")
[ -z "$found" ] || engine volume rm -f $found >/dev/null
found=$(engine network ls -q --filter "$label")
[ -z "$found" ] || engine network rm $found >/dev/null`),
  )
}
