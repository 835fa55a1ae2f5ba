import { lines, raw, type Script } from '../../../../src/index.ts'
import type { Layout } from '../../layout.ts'
import { showHistory } from '../inspect.ts'
import { checkoutPrologue, findGitFolder } from './prologue.ts'

/** What stands in the way of a switch in the checkout; nothing is written, not even git's index. */
const showCheckout = raw(String.raw`show_checkout() {
  branch=$(in_repository symbolic-ref --quiet HEAD || :)
  [ -z "$branch" ] || printf 'branch %s\n' "${'$'}{branch#refs/heads/}"
  if [ -n "$(head_commit)" ]; then
    (TZ=UTC0; export TZ
    in_repository -c log.showSignature=false log -1 --date=format-local:%Y%m%dT%H%M%SZ --format='head %H %cd %s')
  fi
  for operation in MERGE_HEAD:merge CHERRY_PICK_HEAD:cherry-pick REVERT_HEAD:revert BISECT_LOG:bisect rebase-merge:rebase rebase-apply:rebase; do
    [ ! -e "$git_folder/${'$'}{operation%%:*}" ] || printf 'operation %s\n' "${'$'}{operation#*:}"
  done
  changes=$(in_repository status --porcelain --untracked-files=no)
  [ -z "$changes" ] || printf '%s\n' "$changes" | sed -n '1,200s/^/change /p'
  in_repository config --get-regexp '^remote\..*\.url$' | sed 's/^[^ ]*/remote/' || :
  if [ -f "$instance/.env" ]; then
    first=
    IFS= read -r first 2>/dev/null < "$instance/.env" || :
    [ "$first" = '# Written by srv.' ] || printf 'foreign\n'
  fi
  [ ! -f "$git_folder/srv-made" ] || printf 'made\n'
  [ ! -f "$moving" ] || printf 'moving\n'
}`)

/** The releases that srv recorded, and which of their commits are here. */
const showReleases = raw(String.raw`show_releases() {
  commits=
  key='"commit":"'
  for file in "$records"/*.json; do
    [ -f "$file" ] || continue
    id=${'$'}{file##*/}
    id=${'$'}{id%.json}
    IFS= read -r record < "$file" || :
    printf 'release %s %s\n' "$id" "$record"
    [ ! -e "$records/$id.whole" ] || printf 'whole %s\n' "$id"
    commit=${'$'}{record#*"$key"}
    commits="$commits${'$'}{commit%%\"*}
"
  done
  [ -z "$commits" ] || printf '%s' "$commits" | in_repository cat-file --batch-check | sed 's/^/object /'
}`)

/** Prints what is there, one fact a line, its kind in front: see `state/checkout-facts.ts`. */
export function inspectCheckoutScript(layout: Layout): Script {
  return lines(
    checkoutPrologue(layout),
    showCheckout,
    showReleases,
    raw(String.raw`if [ ! -e "$instance" ] && [ ! -L "$instance" ]; then
  printf 'place missing\n'
elif [ ! -d "$instance" ]; then
  printf 'place other\nproblem it is not a folder\n'
elif [ -e "$instance/.git" ] || [ -L "$instance/.git" ]; then
  if problem=$(in_repository rev-parse --git-dir 2>&1 >/dev/null); then
    printf 'place checkout\n'`),
    findGitFolder,
    raw(String.raw`    show_checkout
    show_releases
  else
    printf 'place other\nproblem git says %s\n' "$(printf '%s\n' "$problem" | sed -n '1s/^fatal: //p')"
  fi
else
  case $(ls -A "$instance") in
    '' | .srv-git) printf 'place missing\n' ;;
    *) printf 'place other\nproblem %s\n' "$([ -e "$instance/releases" ] && echo 'it holds releases, each in its own folder' || echo 'it contains other files')" ;;
  esac
fi`),
    showHistory,
  )
}
