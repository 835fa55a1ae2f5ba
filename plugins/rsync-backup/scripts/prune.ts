import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Keep } from '../retention/policy.ts'
import { retainScript } from '../retention/script.ts'
import type { Vault } from '../vault.ts'
import { mountedText } from './mounted.ts'
import { aloneText, prologue } from './prologue.ts'
import { takeOutFunction } from './reading.ts'

/**
 * Prints which snapshots stay, by which rule, and which do not. Those that `rollback --with-data` goes back to stay too: the
 * newest good one that was made for a deploy and, should that deploy have failed, the one for the release that still served.
 * One whose description is gone, as after a power cut, does not stop the others from being judged.
 */
export function judgeScript(vault: Vault, keep: Keep): Script {
  return lines(
    prologue(vault),
    mountedText(vault),
    retainScript(keep),
    raw(`judged() {
  all | { newest= served= deployed=
  while read -r one; do
    state= pinned=no
    ! described "$one" || state=$(said "$one" state)
    case $state in
    good | suspect) ;;
    *)
      if whole "$one"; then state=changed; else state=unreadable; fi
      printf '%s %s no\\n' "$one" "$state"
      continue
      ;;
    esac
    before=$(said "$one" before)
    [ -n "$newest" ] || { newest=$one; served=$(said "$one" release); }
    if [ "$state" = good ] && [ -n "$before" ]; then
      if [ -z "$deployed" ]; then deployed=$before pinned=deploy
      elif [ "$before" = "$served" ] && [ "$before" != "$deployed" ]; then served= pinned=deploy
      fi
    fi
    if grep -q '"pinned":true' "$base/$one/snapshot.json"; then pinned=yes; fi
    printf '%s %s %s\\n' "$one" "$state" "$pinned"
  done; } | retain
}
verdict=$(judged)
[ -z "$verdict" ] || printf '%s\\n' "$verdict"`),
  )
}

/**
 * Removes what no rule keeps, but for what is read at the time. Each is taken out of sight by a rename first; what a run
 * that died left there, the next one removes.
 */
export function pruneScript(vault: Vault, keep: Keep): Script {
  return lines(
    judgeScript(vault, keep),
    // Before the first backup there is nothing, and no folder for a lock.
    raw('[ -d "$base" ] || exit 0'),
    aloneText,
    takeOutFunction,
    raw(`printf '%s\\n' "$verdict" | while read -r what id _; do
  [ "$what" != remove ] || take_out "$id"
done
remove "$base"/.trash-*`),
  )
}

/**
 * Removes what runs that failed have copied so far, and prints the names of those folders. Who asks for it has the lease of
 * the service, so that no run is at work in one of them.
 */
export function unfinishedScript(vault: Vault): Script {
  return lines(
    prologue(vault),
    mountedText(vault),
    raw('[ -d "$base" ] || exit 0'),
    aloneText,
    raw(`for one in "$base"/.staging-*; do
  [ -e "$one" ] || continue
  remove "$one"
  printf '%s\\n' "\${one##*/}"
done`),
  )
}

/** Marks a snapshot as one that no rule removes, or removes the mark; does nothing when this keeper has no such snapshot. */
export function pinScript(vault: Vault, id: string, isPinned: boolean): Script {
  return lines(
    prologue(vault),
    sh`id=${id} pinned=${String(isPinned)}`,
    aloneText,
    raw(`cd "$base/$id" 2>/dev/null || exit 0
sed 's/"pinned":[a-z]*/"pinned":'"$pinned/" snapshot.json >.snapshot.json
mv -f .snapshot.json snapshot.json`),
  )
}

/** Behind what describes the snapshot `$one`: prints `changed` and its name where that is whole, and not what was written. */
export const changedText = `unchanged "$one" || ! whole "$one" || printf 'changed %s\\n' "$one"`

/** Prints the snapshots, newest first, each with its name in a line and a JSON object in the next; fails where the disk that has them is not mounted. */
export function listScript(vault: Vault): Script {
  return lines(
    prologue(vault),
    mountedText(vault),
    // The description of one that was cut off has no end of line, and must not swallow the next.
    raw(
      `all | while read -r one; do
  printf 'snapshot %s\\n%s\\n' "$one" "$(cat "$base/$one/snapshot.json" 2>/dev/null)"
  ${changedText}
done`,
    ),
  )
}

/** After the list: prints the id of ten minutes from now, by the keeper's clock, as `latest`. */
export const latestText: Script = raw(`printf 'latest %s\\n' "$(moment 600)"`)
