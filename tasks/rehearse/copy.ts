import { lines, raw, sh, writeVariables, type Placement, type Scratch, type Script } from '../../src/index.ts'
import { appOf } from './place.ts'

/** `move FILE`: rewrites it with the paths of the copy instead of those of what serves. Never through a link. */
const move = raw(String.raw`move() {
  awk '
    function put(text, from, to, all, at, next_one) {
      all = ""
      while ((at = index(text, from)) > 0) {
        next_one = substr(text, at + length(from), 1)
        all = all substr(text, 1, at - 1) (next_one ~ /[A-Za-z0-9_.-]/ ? from : to)
        text = substr(text, at + length(from))
      }
      return all text
    }
    { print put(put(put($0, ENVIRON["current"], ENVIRON["app"]), ENVIRON["whole"], ENVIRON["app"]), ENVIRON["data"], ENVIRON["scratch"]) }
  ' "$1" >"$1.new"
  mv -f "$1.new" "$1"
}`)

/** Links from the release into the data, or back into it, have to point to the copies: otherwise the rehearsal would write into what serves. */
const relink = raw(String.raw`real_data=$(readlink -f "$data" || echo "$data")
real_source=$(readlink -f "$source")
export real_data real_source
find "$app" -type l -exec sh -c '
  for link do
    to=$(readlink -f "$real_source${'$'}{link#"$app"}") || continue
    case $to in
    "$real_data" | "$real_data"/*) to=$scratch${'$'}{to#"$real_data"} ;;
    "$real_source" | "$real_source"/*) to=$app${'$'}{to#"$real_source"} ;;
    *) continue ;;
    esac
    rm -f "$link"
    ln -s "$to" "$link"
  done' sh {} +`)

/** The variables that tell a release what it runs for. */
function variablesOf({ port, variables }: Scratch): readonly (readonly [string, string])[] {
  const own = {
    PORT: String(port),
    SRV_PORT: String(port),
    SRV_REHEARSAL: '1',
    ...variables,
  }
  return Object.entries(own)
}

/**
 * Shell text that copies the release: what it writes beside its code, and through its links, must not reach what serves.
 * Its `.env` gets the variables of the rehearsal as its last lines, which every supervisor reads over the others.
 */
export function copyRelease({ paths }: Placement, scratch: Scratch): Script {
  const { release, directory = '' } = scratch
  return lines(
    sh`source=${`${paths.instance}/releases/${release.id}`} serves=${directory} app=${appOf(scratch)}`,
    sh`current=${`${paths.instance}/current`} whole=${paths.instance} data=${paths.data} scratch=${scratch.data}`,
    sh`id=${release.id}`,
    raw(`export app current whole data scratch
[ -d "$source" ] || source=$serves
[ -d "$source" ] || { echo "the release $id is no longer on the host" >&2; exit 1; }
source=$(readlink -f "$source")
rm -rf "$app"
mkdir "$app"
cp -pPR "$source/." "$app/"`),
    relink,
    move,
    raw('(umask 077; if [ -e "$app/.env" ]; then move "$app/.env"; else : >"$app/.env"; fi)'),
    writeVariables('"$app/.rehearsal.env"', variablesOf(scratch)),
    raw('{ echo; cat "$app/.rehearsal.env"; } >>"$app/.env"'),
  )
}
