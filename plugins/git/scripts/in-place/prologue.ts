import { lines, raw, sh, type Script } from '../../../../src/index.ts'
import type { Layout } from '../../layout.ts'
import { forget, gitEnvironment } from '../prologue.ts'

/**
 * Names what a script about a checkout needs. `refuse` ends it with one word on standard output, after a `detail` line
 * for each name that belongs to it: see `refusal.ts`. A repository around the instance's folder is ignored, and so are the
 * hooks of the checkout, which are meant for people working in it. Files that Git LFS may leave out for a person may be
 * needed by an app. Commands that only look take no lock: one left behind by a killed run would block everybody.
 */
export function checkoutPrologue(layout: Layout): Script {
  return lines(
    sh`instance=${layout.instance}`,
    sh`data=${layout.data}`,
    sh`state=${layout.state}`,
    sh`moving=${layout.moving}`,
    sh`moved=${layout.moved}`,
    gitEnvironment,
    raw(String.raw`repository=$instance
records=$state/releases
LC_ALL=C GIT_OPTIONAL_LOCKS=0
unset GIT_LFS_SKIP_SMUDGE
GIT_CEILING_DIRECTORIES=${'$'}{instance%/*}
export LC_ALL GIT_OPTIONAL_LOCKS GIT_CEILING_DIRECTORIES
fail() { printf '%s\n' "$1" >&2; exit 1; }
refuse() { printf 'refused %s\n' "$1"; exit 9; }
in_repository() { git -C "$instance" -c core.hooksPath=/dev/null -c core.quotePath=false -c lfs.fetchinclude= -c lfs.fetchexclude= "$@"; }
head_commit() { in_repository rev-parse --quiet --verify 'HEAD^{commit}' || :; }`),
    forget,
  )
}

/** Sets `$git_folder`, where git keeps what belongs to this checkout. */
export const findGitFolder = raw('git_folder=$(in_repository rev-parse --absolute-git-dir)')

/**
 * Makes an empty checkout where there is none; it appears by one rename. `srv-made` holds the branch that is to be
 * checked out, and stays until the run of its first release has finished.
 */
export function makeCheckout(branch: string | undefined, url: string | undefined): Script {
  return lines(
    sh`branch=${branch ?? ''}`,
    sh`origin=${url ?? ''}`,
    raw(String.raw`if [ ! -e "$instance/.git" ] && [ ! -L "$instance/.git" ]; then
  if [ -e "$instance" ] || [ -L "$instance" ]; then
    [ -d "$instance" ] || { printf 'detail it is not a folder\n'; refuse folder; }
    case $(ls -A "$instance") in '' | .srv-git) ;; *) printf 'detail it contains other files\n'; refuse folder ;; esac
  fi
  mkdir -p "$instance"
  made=$instance/.srv-git
  rm -rf "$made"
  git init --quiet --bare --template= "$made" >&2
  git --git-dir="$made" config core.bare false
  if [ -n "$origin" ]; then
    git --git-dir="$made" config remote.origin.url "$origin"
    git --git-dir="$made" config remote.origin.fetch '+refs/heads/*:refs/remotes/origin/*'
  fi
  if [ -n "$branch" ]; then
    git --git-dir="$made" symbolic-ref HEAD "refs/heads/$branch"
    [ -z "$origin" ] || git --git-dir="$made" config "branch.$branch.remote" origin
    [ -z "$origin" ] || git --git-dir="$made" config "branch.$branch.merge" "refs/heads/$branch"
  fi
  printf '%s\n' "$branch" > "$made/srv-made"
  mv "$made" "$instance/.git"
fi`),
  )
}

/**
 * A run that was killed in the middle of a move, or had no space to undo it, leaves files of both commits. Every file that
 * git tracks in either of them is reset to the commit that is checked out; the tree was clean when the move began.
 */
export const repair = raw(String.raw`if [ -f "$moving" ]; then
  gone=
  { IFS= read -r switched && IFS= read -r left && IFS= read -r gone; } < "$moving" || :
  rm -f "$git_folder/index.lock" "$git_folder/HEAD.lock"
  if [ -n "$gone" ] && [ -n "$(head_commit)" ]; then
    if [ "$gone" = "$(head_commit)" ]; then other=$left; else other=$gone; fi
    [ "$other" = - ] || in_repository read-tree --reset -u "$other"
    in_repository read-tree --reset -u HEAD
  fi
  rm -f "$moving"
fi`)
