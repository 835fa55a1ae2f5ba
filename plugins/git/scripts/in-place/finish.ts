import { lines, raw, sh, type Script } from '../../../../src/index.ts'
import type { Layout } from '../../layout.ts'
import { protectedReleases, shortenHistory } from '../finish.ts'
import { checkoutPrologue, findGitFolder } from './prologue.ts'
import { freeReserve } from './reserve.ts'

/** From now on the checkout is final, and what was kept to undo this run is no longer needed. */
export function settleScript(layout: Layout): Script {
  return lines(
    checkoutPrologue(layout),
    findGitFolder,
    freeReserve,
    sh`rm -f "$git_folder/srv-made" "$moved" ${layout.savedVariables} || :`,
  )
}

/**
 * Forgets old releases, beside the newest ones, the one that serves and the one before it, so that git may collect
 * their commits. It never collects garbage itself: the repository is not srv's alone.
 */
export function forgetOldScript(layout: Layout, keep: number): Script {
  return lines(
    checkoutPrologue(layout),
    sh`keep=${keep}`,
    raw(String.raw`serving=$(tail -n 1 "$state/history" 2>/dev/null | cut -f 2)
is_there() { [ -e "$records/$1.whole" ] || grep -q '"adopted":true' "$records/$1.json"; }`),
    protectedReleases,
    raw(String.raw`kept=0
removed=0
for id in $ids; do
  kept=$((kept + 1))
  if [ "$kept" -le "$keep" ] || [ "$id" = "$serving" ] || [ "$id" = "$previous" ]; then continue; fi
  removed=$((removed + 1))
  rm -f "$records/$id.json" "$records/$id.whole"
  forget "$id" || :
done`),
    shortenHistory,
    raw(String.raw`printf 'removed %s\n' "$removed"`),
  )
}
