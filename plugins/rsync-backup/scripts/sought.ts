import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Back } from '../choose.ts'
import type { Vault } from '../vault.ts'
import { mountedText } from './mounted.ts'
import { prologue } from './prologue.ts'
import { changedText, latestText } from './prune.ts'

/** Which snapshots may be the one that is meant: the one of an id, or good ones. */
export interface Sought {
  readonly snapshot?: string | undefined
  /** The newest id that it may have. */
  readonly until?: string | undefined
  /** It was made for a deploy, while this release served, or for the deploy of what serves. */
  readonly left?: Back | undefined
}

/** A text as a basic regular expression that stands for itself alone. */
function literal(text: string): string {
  return text.replaceAll(/[\\.*[^$]/g, String.raw`\$&`)
}

/*
 * A list of all is longer than what is kept of an answer once there are some thousands, and its end is what is kept: the oldest.
 * More than one is printed for the case that the description of the first cannot be read.
 */
const best = raw(`best() { (
  cd "$base" 2>/dev/null || exit 0
  all | awk -v most="$1" '$1 <= most { print $1 "/snapshot.json" }' | xargs -n 200 grep -l -e "$pattern" -e "\${other:-$pattern}" 2>/dev/null | {
    left=50
    while [ "$left" -gt 0 ] && read -r one; do
      is_good "\${one%/*}" || continue
      printf 'snapshot %s\\n' "\${one%/*}"
      cat "$one" || :
      # The description of one that was cut off has no end of line.
      echo
      left=$((left - 1))
    done
  }
) }
# Names those behind which the first good one comes, and that nobody can tell to be good or not.
lost() {
  all | awk -v most="$1" '$1 <= most' | while read -r one; do
    if is_good "$one"; then break; fi
    described "$one" || { printf 'snapshot %s\\n' "$one"; ${changedText}; }
  done
}`)

/**
 * Prints those that may be meant as `listScript` would, newest first, few of them, and behind them the id of ten minutes
 * from now as `latest`. Those that are dated after that come first, and do not keep the others from it.
 */
export function soughtScript(vault: Vault, { snapshot, until, left }: Sought): Script {
  const some =
    snapshot === undefined
      ? lines(
          sh`until=${until ?? '9'} pattern=${left === undefined ? '"state":"good"' : `"release":"${literal(left.release)}",.*"before":"[^"]`} other=${left?.serving === undefined ? '' : `"before":"${literal(left.serving)}"`}`,
          best,
          raw(`now=$(printf '%s\\n' "$until" "$(moment 600)" | sort | head -n 1)
lost "$now"
[ "$now" = "$until" ] || best "$until"
best "$now"`),
        )
      : lines(
          sh`wanted=${snapshot}`,
          raw(
            `all | while read -r one; do
  [ "$one" = "$wanted" ] || continue
  printf 'snapshot %s\\n%s\\n' "$one" "$(cat "$base/$one/snapshot.json" 2>/dev/null)"
  ${changedText}
done`,
          ),
        )
  return lines(prologue(vault), mountedText(vault), some, latestText)
}
