import { lines, raw, sh, writeVariables, type Instance, type Script } from '../../../src/index.ts'
import { buildScript, said } from './build.ts'
import { prologue, type Site } from './prologue.ts'
import { renderScript } from './render.ts'

/*
 * What was built here has been transferred, or has failed: no run looks for these tags again, and nothing prunes this machine,
 * so they are removed. The layers stay in the cache of the builder. A run that dies does this through a signal.
 */
const forgetting =
  raw(`forget() { for service in $(said build 2>/dev/null); do engine image rm "$(tag_of "$service")" >/dev/null 2>&1 || :; done; }
trap forget EXIT
trap 'exit 143' HUP INT TERM`)

/**
 * For the operator's machine: builds the images of a release from its code, and unpacks them, as `docker save` writes
 * them, into `images/` below the folder that the site names; or pushes them, when there is a registry.
 */
export function packScript(site: Site, id: string, { env }: Instance, code: (folder: string) => Script): Script {
  const folder = `${site.layout.compose}/code`
  const entries = Object.entries(env)
  return lines(
    // It is sent by a function, so core does not add `set -eu` as it does for a script task.
    raw('set -eu'),
    sh`compose=${site.layout.compose}`,
    raw(`umask 077
rm -rf "$compose"
mkdir -p "$compose/code" "$compose/images"`),
    code(folder),
    ...(entries.length === 0 ? [] : [writeVariables('"$compose/code/.env"', entries)]),
    renderScript(site, folder, id),
    said,
    // A run that is killed may have the builder give a name when nobody is left to take it away.
    raw('for service in $(said build); do tag_of "$service"; done > "$compose/tags"'),
    forgetting,
    buildScript(site, id, { builds: true, pulls: false }),
    ...(site.settings.registry === undefined
      ? [
          raw(`set --
for service in $(said build); do set -- "$@" "$(tag_of "$service")"; done
if [ $# -gt 0 ]; then
  engine save -o "$compose/images.tar" "$@"
  tar -xf "$compose/images.tar" -C "$compose/images"
  rm -f "$compose/images.tar"
fi`),
        ]
      : []),
    raw('rm -rf "$compose/code"'),
  )
}

/** For the host that built: notes what is to be saved, in the command that saves it. */
export function noteTags(site: Site, id: string): Script {
  return lines(
    prologue(site),
    sh`id=${id}`,
    raw('work=$compose/.new-$id'),
    said,
    raw('for service in $(said build); do tag_of "$service"; done > "$work/tags"'),
  )
}

/**
 * Prints what an engine has, see `readHeld`, with the beginnings of ids alone: a host may have hundreds of images. The
 * prologue stands before.
 */
export const heldScript = raw(String.raw`printf 'store %s\n' "$(engine info -f '{{json .DriverStatus}}')"
set -- $(engine image ls -aq --no-trunc | sort -u)
[ $# = 0 ] || engine image inspect -f 'image {{.Id}}{{range .RootFS.Layers}} {{.}}{{end}}' "$@" | sed 's/sha256:\([0-9a-f]\{16\}\)[0-9a-f]*/\1/g'`)

/** Gives images that are there the tags of a release. */
export function tagScript(site: Site, tags: readonly (readonly [id: string, tag: string])[]): Script {
  return lines(prologue(site), ...tags.map(([id, tag]) => sh`engine tag ${id} ${tag}`))
}

/** Gets from the registry what was built elsewhere. */
export function pullScript(site: Site, id: string): Script {
  return lines(
    prologue(site),
    sh`id=${id}`,
    raw('work=$compose/.new-$id'),
    said,
    raw('for service in $(said build); do engine pull --quiet "$(tag_of "$service")" >&2; done'),
  )
}
