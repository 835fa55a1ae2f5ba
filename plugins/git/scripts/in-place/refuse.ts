import { lines, raw, sh, type Script } from '../../../../src/index.ts'

/** What a commit has to be like to be checked out. */
export interface Terms {
  /** Whether it need not be a descendant of the commit that is there. */
  readonly reset: boolean
  /** Whether the config has variables, for which `.env` is written. */
  readonly writesVariables: boolean
  /** Where the rest of a shallow history comes from. */
  readonly url: string | undefined
}

/** Makes sure that `$head` is an ancestor of `$commit`. The history of a shallow checkout is completed first. */
export function requireForward({ reset, url }: Terms): Script {
  if (reset) return raw(':')
  return lines(
    sh`url=${url ?? ''}`,
    raw(String.raw`leads() { in_repository merge-base --is-ancestor "$head" "$commit" 2>/dev/null; }
if [ -n "$head" ] && ! leads; then
  if [ -s "$git_folder/shallow" ] && [ -n "$url" ]; then
    in_repository fetch --quiet --no-tags --unshallow -- "$url" "+$commit:refs/srv/releases/$id" || :
  fi
  if ! leads; then
    printf 'detail %s\n' "$head"
    ! in_repository merge-base --is-ancestor "$commit" "$head" 2>/dev/null || refuse newer
    [ ! -s "$git_folder/shallow" ] || refuse shallow
    refuse diverged
  fi
fi`),
  )
}

/** Makes sure that nothing in `$commit` needs more than git itself to check it out. */
export function requirePlain({ writesVariables }: Terms): Script {
  return lines(
    raw(String.raw`if in_repository cat-file -e "$commit:.gitmodules" 2>/dev/null; then
  modules=$(in_repository config --blob "$commit:.gitmodules" --get-regexp '\.path$' | sed 's/^[^ ]*/detail/' || :)
  [ -z "$modules" ] || { printf '%s\n' "$modules"; refuse submodules; }
fi`),
    writesVariables ? raw('! in_repository cat-file -e "$commit:.env" 2>/dev/null || refuse variables') : raw(':'),
  )
}

/**
 * Makes sure that untracked files, ignored ones too, are not in the way of `$commit`: git would silently overwrite an
 * ignored file. Names that contain a line break are left to git.
 */
export const requireRoom = raw(String.raw`if [ -n "$head" ] && [ "$head" != "$commit" ]; then
  in_the_way=$(in_repository diff-tree -r -z --name-only --no-renames --diff-filter=A "$head" "$commit" | tr '\n\000' '\001\n' |
    while IFS= read -r name; do
      if [ -e "$instance/$name" ] || [ -L "$instance/$name" ]; then printf 'detail %s\n' "$name"; fi
    done | sed -n 1,200p)
  [ -z "$in_the_way" ] || { printf '%s\n' "$in_the_way"; refuse untracked; }
fi`)

/** Makes sure that no tracked file was changed by hand. */
export const requireClean = raw(String.raw`changes=$(in_repository status --porcelain --untracked-files=no)
[ -z "$changes" ] || { printf '%s\n' "$changes" | sed -n '1,200s/^.../detail /p'; refuse dirty; }`)
