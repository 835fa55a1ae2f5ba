import { lines, raw, sh, type Paths, type Script } from '../../../src/index.ts'
import { pending } from './sqlite.ts'

/**
 * Fails with 3 when something in the data, or at one path in them, was written after a time, in seconds since 1970, and prints
 * the first such file; with 4 and a folder where only names in folders came, went or changed. An empty folder cannot lose
 * anything. Another status is that it could not be told.
 */
export function newerScript({ data }: Pick<Paths, 'data'>, seconds: number, path?: string): Script {
  return lines(
    // The data may be behind a link; a path in it is not followed. What was written to an SQLite database may be beside it alone.
    sh`data=${path === undefined ? data : `${data}/${path}`} seconds=${seconds.toFixed(3)} follow=${path === undefined ? '-H' : '-P'}`,
    raw(`[ -e "$data" ] || [ -L "$data" ] || exit 0
if [ -d "$data" ] && [ -z "$(ls -A "$data")" ]; then exit 0; fi
mark=$(mktemp) || exit 1
trap 'rm -f "$mark"' EXIT
# That of busybox knows whole seconds only.
touch -d "@$seconds" "$mark" 2>/dev/null || touch -d "@\${seconds%.*}" "$mark" || exit 1
set -- "$data"
${path === undefined ? ':' : `for more in ${pending.join(' ')}; do if [ -f "$data$more" ]; then set -- "$@" "$data$more"; fi; done`}
find "$follow" "$@" -newer "$mark" -print 2>/dev/null | {
  folder=
  while IFS= read -r one; do
    [ -d "$one" ] && { [ ! -L "$one" ] || [ "$follow $one" = "-H $data" ]; } || { printf '%s\\n' "$one"; exit 3; }
    folder=\${folder:-$one}
  done
  [ -z "$folder" ] || { printf '%s\\n' "$folder"; exit 4; }
} || exit`),
  )
}

/** The line in which `stillOlderScript` names what it found. */
const found = /^newer (file|folder) (.*)$/m

/**
 * For a text that is to go on only while nothing in the data is newer: says `newer` and what is, and fails then. Also where
 * that could not be told.
 */
export function stillOlderScript(paths: Pick<Paths, 'data'>, seconds: number, path?: string): Script {
  return lines(
    raw('srv_newer=$('),
    newerScript(paths, seconds, path),
    raw(`) || {
  case $? in
  3) printf 'newer file %s\\n' "$srv_newer" >&2 ;;
  4) printf 'newer folder %s\\n' "$srv_newer" >&2 ;;
  *) echo 'it could not be found out whether the data is newer than the snapshot' >&2 ;;
  esac
  exit 1
}`),
  )
}

/** Reads what `stillOlderScript` found, if it did. */
export function newerIn(stderr: string): { readonly newer: string; readonly isFolder: boolean } | undefined {
  const [, kind, newer] = found.exec(stderr) ?? []
  return newer === undefined ? undefined : { newer, isFolder: kind === 'folder' }
}
