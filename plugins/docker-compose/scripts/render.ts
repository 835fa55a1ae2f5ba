import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Settings } from '../options.ts'
import { imageNames } from './image-name.ts'
import { prologue, type Site } from './prologue.ts'
import { answeringFunction, askingFunction, filedFunction } from './values-awk.ts'

/** What docker compose itself looks for, in its order. */
const usual = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']

const findFile = lines(
  raw('found='),
  sh`for file in ${usual}; do [ -n "$found" ] || [ ! -f "$folder/$file" ] || found=$file; done`,
  sh`[ -n "$found" ] || fail "There is no compose file in $folder: "${usual.join(', ')}"."`,
  raw('set -- "$@" -f "$folder/$found"'),
)

/** Writes the compose file of an image alone. Its service has the name of the whole: `app`. */
function writeFile({ ports, volumes, command }: Settings, image: string): Script {
  const app = { image, restart: 'unless-stopped', ports, volumes, ...(command === undefined ? {} : { command }) }
  return lines(
    sh`printf '%s\\n' ${JSON.stringify({ services: { app } })} > "$work/image.json"`,
    raw(`[ ! -f "$folder/.env" ] || printf '%s\\n' '{"services":{"app":{"env_file":[".env"]}}}' > "$work/env.json"
set -- "$@" -f "$work/image.json"
[ ! -f "$work/env.json" ] || set -- "$@" -f "$work/env.json"`),
  )
}

/** Removes profiles: the services in the model were chosen by them, and its next reader, without the same profiles, would leave some out. */
const withoutProfiles = raw(
  String.raw`awk '/^      "profiles": \[$/ { skipped = 1 } !skipped { print } /^      \],?$/ { skipped = 0 }' "$work/base.tmp" > "$work/base.json"`,
)

/*
 * Whoever reads the file in a container may be another user than here, as with what Compose itself would write: it is
 * for all to read, in a folder that is closed.
 */
const withValues = lines(
  askingFunction,
  answeringFunction,
  filedFunction,
  raw(`asking < "$work/base.json" > "$work/asked.json"
if [ -s "$work/asked.json" ]; then
  mkdir "$work/values"
  engine compose --project-directory "$folder" -p "$project" "$@" -f "$work/asked.json" config --format json > "$work/answer.tmp"
  answering "$work/values" < "$work/answer.tmp"
  chmod 644 "$work/values"/*
  filed "$work/values" < "$work/base.json" > "$work/filed.tmp"
  mv -f "$work/filed.tmp" "$work/base.json"
fi`),
)

/** Removes what a run that died had prepared: no other run continues it, and nothing else knows the tags that it gave. */
const removeLeft = lines(
  imageNames,
  raw(String.raw`for left in "$compose"/.new-*; do
  [ -d "$left" ] || continue
  for service in $(awk -F "$tab" '$1 == "service" { print $2 }' "$left/facts" 2>/dev/null); do
    engine image rm "$images$(part_of "$service"):${'$'}{left##*/.new-}" >/dev/null 2>&1 || :
  done
  rm -rf "$left"
done`),
)

/**
 * Reads the compose files of the release in `folder` into one model without anything left to fill in, so that nothing
 * that changes later, a checkout or an `.env`, changes what this release is. It holds values of the environment: only
 * the login user can read it.
 */
export function renderScript(site: Site, folder: string, id: string): Script {
  const { image, files, profiles, envFiles } = site.settings
  return lines(
    prologue(site),
    sh`id=${id} folder=${folder}`,
    raw(`umask 077
mkdir -p "$compose/mounts"
work=$compose/.new-$id`),
    removeLeft,
    raw(`mkdir "$work"
cd "$folder"`),
    sh`set -- ${[...files.flatMap((file) => ['-f', `${folder}/${file}`]), ...profiles.flatMap((one) => ['--profile', one])]}`,
    image === undefined ? (files.length > 0 ? raw('') : findFile) : writeFile(site.settings, image),
    raw('[ ! -f "$folder/.env" ] || set -- "$@" --env-file "$folder/.env"'),
    sh`set -- "$@" ${envFiles.flatMap((file) => ['--env-file', `${folder}/${file}`])}`,
    raw(`engine compose --project-directory "$folder" -p "$project" "$@" config --format json > "$work/base.tmp"`),
    withoutProfiles,
    withValues,
  )
}
