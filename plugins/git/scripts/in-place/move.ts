import { lines, raw, sh, type Script } from '../../../../src/index.ts'
import type { Layout } from '../../layout.ts'
import { dropSwitch, oneField } from '../switch.ts'
import { requireLargeFiles } from './large-files.ts'
import { checkoutPrologue, findGitFolder, repair } from './prologue.ts'
import { requireClean, requireForward, requireRoom, type Terms } from './refuse.ts'
import { freeReserve, makeReserve } from './reserve.ts'

/** Where the checkout is to go, and what is known about where it is. */
export interface Move extends Terms {
  readonly id: string
  readonly commit: string
  readonly actor: string
  /** What serves but was never recorded: it becomes a release that can be rolled back to. */
  readonly adopted: { readonly id: string; readonly commit: string; readonly subject?: string | undefined } | undefined
  readonly startedAt: string
}

/** Records what was there before srv was, so that there is a way back to it. */
function adopt({ adopted, startedAt }: Move): Script {
  if (adopted === undefined) return raw(':')
  const { id, commit, subject } = adopted
  const record = { id, commit, made: startedAt, adopted: true, ...(subject === undefined ? {} : { subject }) }
  return lines(
    sh`adopted=${id}`,
    sh`if [ "$head" = ${commit} ] && [ ! -f "$records/$adopted.json" ]; then`,
    sh`  printf '%s\n' ${JSON.stringify(record)} > "$records/$adopted.json"`,
    raw(String.raw`  in_repository update-ref "refs/srv/releases/$adopted" "$head"
  printf '%s\t%s\t\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$adopted" >> "$state/history"
fi`),
  )
}

/**
 * The `.env` of the previous release is kept for an undo. One written by srv is removed when the config has no variables any
 * more.
 */
function saveVariables(layout: Layout, { writesVariables }: Move): Script {
  return lines(
    sh`saved=${layout.savedVariables}`,
    raw(String.raw`rm -f "$saved"
if [ -f "$instance/.env" ]; then cp -p "$instance/.env" "$saved"; fi`),
    writesVariables
      ? raw(':')
      : raw(`if [ -f "$saved" ] && [ "$(sed -n 1p "$saved")" = '# Written by srv.' ]; then rm -f "$instance/.env"; fi`),
  )
}

/**
 * Moves the checkout to the commit. A branch that is checked out goes along, and a detached checkout stays detached. `reset
 * --keep` changes only what differs, and refuses to lose anything; what an undo needs is written down first.
 */
export function moveScript(layout: Layout, move: Move): Script {
  const { id, commit, actor } = move
  return lines(
    checkoutPrologue(layout),
    sh`id=${id}`,
    sh`commit=${commit}`,
    sh`actor=${oneField(actor)}`,
    findGitFolder,
    repair,
    raw(String.raw`head=$(head_commit)
[ -n "$head" ] || [ -f "$git_folder/srv-made" ] || refuse unborn
if [ -n "$head" ]; then`),
    requireClean,
    raw('fi'),
    requireForward({ ...move, url: undefined }),
    requireRoom,
    raw(String.raw`mask=$(umask)
umask 077`),
    makeReserve,
    raw(String.raw`mkdir -p "$records"
finished=$(cat "$state/finished" 2>/dev/null || :)`),
    adopt(move),
    raw(String.raw`rm -f "$moved"
printf '%s\n%s\n%s\n' "$id" "${'$'}{head:--}" "$finished" > "$state/before.tmp"
mv -f "$state/before.tmp" "$state/before"`),
    saveVariables(layout, move),
    raw(String.raw`if [ "$head" != "$commit" ]; then
  printf '%s\n%s\n%s\n' "$id" "${'$'}{head:--}" "$commit" > "$moving.tmp"
  mv -f "$moving.tmp" "$moving"
  umask "$mask"
  if [ -n "$head" ]; then
    # A file that was touched and is the same would be in the way of it; one that differs is told by it.
    in_repository update-index -q --refresh || :
    in_repository reset --quiet --keep "$commit"
  else
    branch=$(cat "$git_folder/srv-made")
    in_repository read-tree --reset -u "$commit"
    if [ -n "$branch" ]; then in_repository update-ref HEAD "$commit"
    else in_repository update-ref --no-deref HEAD "$commit"
    fi
  fi
  umask 077
  mv -f "$moving" "$moved"
fi`),
    requireLargeFiles,
    raw(String.raw`branch=$(in_repository symbolic-ref --quiet HEAD || :)
printf '%s\t%s\t%s\t%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$id" "$actor" "${'$'}{branch#refs/heads/}" >> "$state/history"`),
  )
}

/**
 * Moves the checkout back to the previous commit. Tracked files that the build changed meanwhile are reset, since the tree
 * was clean; a checkout that srv made for this release is removed. It has to work on a full disk: the reserve is freed first,
 * and a rename marks the checkout as being moved, so that the next run repairs what is left half done.
 */
export function moveBackScript(layout: Layout, id: string, commit: string): Script {
  return lines(
    checkoutPrologue(layout),
    sh`id=${id}`,
    sh`commit=${commit}`,
    sh`saved=${layout.savedVariables}`,
    raw(String.raw`[ -f "$state/before" ] || exit 0
{ IFS= read -r switched && IFS= read -r before && IFS= read -r finished; } < "$state/before"
[ "$switched" = "$id" ] || exit 0
if [ -e "$instance/.git" ]; then`),
    findGitFolder,
    freeReserve,
    repair,
    raw(String.raw`head=$(head_commit)
if [ "$before" = - ]; then
  [ ! -f "$git_folder/srv-made" ] || rm -rf "$instance"
else
  [ "$head" = "$commit" ] || [ "$head" = "$before" ] || fail "$instance is at $head, which srv did not check out: it was left there."
  [ ! -f "$moved" ] || mv -f "$moved" "$moving"
  rm -f "$git_folder/index.lock"
  in_repository reset --quiet --hard "$before"
  rm -f "$moving"
  if [ -f "$saved" ]; then mv -f "$saved" "$instance/.env"
  elif [ -f "$instance/.env" ] && [ "$(sed -n 1p "$instance/.env")" = '# Written by srv.' ]; then rm -f "$instance/.env"
  fi
fi
fi`),
    dropSwitch,
  )
}
