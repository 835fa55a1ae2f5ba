import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { prologue, type Site } from './prologue.ts'

/** What docker compose itself looks for, in its order. */
const usual = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']

/**
 * Reads the compose files of the release in `folder` into one model without anything left to fill in, so that nothing
 * that changes later, a checkout or an `.env`, changes what this release is. It holds values of the environment: only
 * the log-in user can read it.
 */
export function renderScript(site: Site, folder: string, id: string): Script {
  const { files, profiles, envFiles } = site.settings
  return lines(
    prologue(site),
    sh`id=${id} folder=${folder}`,
    raw(`umask 077
mkdir -p "$compose/mounts"
work=$compose/.new-$id
rm -rf "$work"
mkdir "$work"
cd "$folder"`),
    sh`set -- ${[...files.flatMap((file) => ['-f', `${folder}/${file}`]), ...profiles.flatMap((one) => ['--profile', one])]}`,
    files.length > 0
      ? raw('')
      : lines(
          raw('found='),
          sh`for file in ${usual}; do [ -n "$found" ] || [ ! -f "$folder/$file" ] || found=$file; done`,
          sh`[ -n "$found" ] || fail "There is no compose file in $folder: "${usual.join(', ')}"."`,
          raw('set -- "$@" -f "$folder/$found"'),
        ),
    raw('[ ! -f "$folder/.env" ] || set -- "$@" --env-file "$folder/.env"'),
    sh`set -- "$@" ${envFiles.flatMap((file) => ['--env-file', `${folder}/${file}`])}`,
    raw(`engine compose --project-directory "$folder" -p "$project" "$@" config --format json > "$work/base.json"`),
  )
}
