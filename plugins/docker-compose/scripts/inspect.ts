import { lines, raw, type Script } from '../../../src/index.ts'
import { swarmFacts } from '../swarm/inspect.ts'
import { madeFormat } from './made.ts'
import { prologue, type Site } from './prologue.ts'
import { astrayText } from './proxy.ts'

const listed =
  'engine ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" --filter label=com.docker.compose.oneoff=False'

const containerFacts = raw(String.raw`set -- $list
[ $# = 0 ] || engine inspect -f 'container {{index .Config.Labels "com.docker.compose.service"}} {{with index .Config.Labels "srv.hash"}}{{.}}{{else}}-{{end}} {{.State.Status}} {{.State.ExitCode}} {{.RestartCount}} {{with index .State "Health"}}{{.Status}}{{else}}-{{end}} {{.Image}} {{.Name}} {{.Id}} ${madeFormat}{{range .NetworkSettings.Networks}} {{.IPAddress}}{{end}}' "$@"`)

/**
 * Prints what is there, one fact a line with its kind in front: see `state/facts.ts`. Only looks. Every image is asked
 * about in one command, every container in two beside it.
 */
export function inspectScript(site: Site): Script {
  return lines(
    prologue(site),
    // Before a first deploy, what a person started. That the engine answers is for the checks to say.
    ...(site.role === 'alone'
      ? [raw(`if [ ! -d "$compose" ]; then list=$(${listed} 2>/dev/null) || exit 0`), containerFacts, raw('exit 0; fi')]
      : [raw('[ -d "$compose" ] || exit 0')]),
    raw(String.raw`active=
[ ! -f "$compose/active" ] || { read -r active < "$compose/active"; echo "active $active"; }
[ ! -f "$compose/open" ] || { read -r open < "$compose/open"; echo "open $open"; }
[ ! -f "$compose/made" ] || sed 's/^/made /' "$compose/made"
set --
for table in "$compose"/2*/services; do
  [ -f "$table" ] || continue
  id=${'$'}{table%/services} id=${'$'}{id##*/}
  while IFS="$tab" read -r service hash image rest; do
    printf 'needs %s %s\n' "$id" "$image"
    case " $* " in *" $image "*) ;; *) set -- "$@" "$image" ;; esac
  done < "$table"
  [ ! -f "${'$'}{table%services}images" ] || while read -r image digests; do
    [ -z "$digests" ] || printf 'digests %s %s\n' "$image" "$digests"
  done < "${'$'}{table%services}images"
  echo "frozen $id"
done
{ [ $# = 0 ] || engine image inspect -f 'image {{.Id}}' "$@" 2>/dev/null || :; } | {
failed=
found=$(`),
    site.role === 'alone'
      ? lines(raw(`list=$(${listed}) || exit 1`), containerFacts)
      : swarmFacts(site.role === 'manager'),
    raw(String.raw`) || failed=yes
cat
printf '%s\n' "$found"
[ -z "$failed" ] || exit 1
if [ -n "$active" ] && [ -f "$compose/$active/services" ]; then`),
    site.role === 'alone' ? astrayText(site) : raw(''),
    raw(String.raw`:; fi; } || exit 1
[ -n "$active" ] && [ -f "$compose/$active/services" ] || exit 0
sed 's/^/service '"$tab"'/' "$compose/$active/services"
while IFS="$tab" read -r path place; do
  now=$(place=$place; if [ -d "$place" ]; then (cd "$place" && { find . -type f -print0 | sort -z | xargs -0 sha256sum 2>/dev/null; find . ! -type f | sort; find . -type l -exec readlink {} \;; }) | sha256sum; elif [ -f "$place" ]; then sha256sum < "$place"; fi | cut -c 1-20)
  [ "$now" = "${'$'}{place##*/}" ] || echo "changed $place, the copy of $path"
done < "$compose/$active/moved"
while IFS="$tab" read -r path hash; do
  [ -f "$path" ] || continue
  [ "$(sha256sum < "$path" | cut -c 1-20)" = "$hash" ] || echo "changed $path"
done < "$compose/$active/contents"`),
  )
}
