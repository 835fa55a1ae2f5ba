import { lines, raw, type Script } from '../../../src/index.ts'
import { swarmFacts } from '../swarm/inspect.ts'
import { formerText } from './former.ts'
import { madeFormat } from './made.ts'
import { placeFunctions } from './mounts.ts'
import { nodeFacts } from '../swarm/nodes.ts'
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
    // Before a first deploy, what a person started. The checks report an engine that does not answer.
    ...(site.role === 'alone'
      ? [raw(`if [ ! -d "$compose" ]; then list=$(${listed} 2>/dev/null) || exit 0`), containerFacts, raw('exit 0; fi')]
      : [nodeFacts(site.role === 'manager'), raw('[ -d "$compose" ] || exit 0')]),
    placeFunctions,
    raw(String.raw`active=
[ ! -f "$compose/active" ] || { read -r active < "$compose/active"; echo "active $active"; }
[ ! -f "$compose/open" ] || { read -r open < "$compose/open"; echo "open $open"; }
[ ! -f "$compose/made" ] || sed 's/^/made /' "$compose/made"`),
    formerText(site),
    raw(String.raw`set --
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
writable=$(writable_of "$compose/$active")
is_writable() { printf '%s\n' "$writable" | grep -qxF -e "$1"; }
while IFS="$tab" read -r path place; do
  if [ ! -e "$place" ]; then echo "changed $place, which is gone, for $path"; continue; fi
  case $place in "$compose"/mounts/*) ;; *) continue ;; esac
  if is_writable "$path"; then
    names=$({ foreign "$place"; gone "$place"; } | few)
    [ -z "$names" ] || printf 'wrote %s, the copy of %s: %s\n' "$place" "$path" "$names"
  else
    [ "$(digest "$place")" = "$(digest_of "$place")" ] || echo "changed $place, the copy of $path"
  fi
done < "$compose/$active/moved"
while IFS="$tab" read -r path hash; do
  if [ ! -e "$path" ]; then echo "changed $path, which is gone"; continue; fi
  [ -f "$path" ] || continue
  [ "$(digest "$path")" != "$hash" ] || continue
  if is_writable "$path"; then echo "wrote $path"; else echo "changed $path"; fi
done < "$compose/$active/contents"
for kept in "$compose"/mounts/.kept.*; do
  [ ! -e "$kept" ] || echo "left $compose/mounts/${'$'}{kept##*/.kept.}"
done`),
  )
}
