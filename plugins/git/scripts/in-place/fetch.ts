import { lines, raw, sh, type Script } from '../../../../src/index.ts'
import { releaseRef, type Layout } from '../../layout.ts'
import { batchMode, requireCommit, writeRecord, type Making } from '../fetch.ts'
import { fetchLargeFiles } from './large-files.ts'
import { checkoutPrologue, findGitFolder, makeCheckout, repair } from './prologue.ts'
import { requireForward, requirePlain, requireRoom, type Terms } from './refuse.ts'

/** What is to be fetched into the checkout. */
export interface Fetching extends Pick<Making, 'id' | 'commit' | 'source' | 'record'>, Terms {
  /** The branch that a checkout which srv has to make begins with; none for a tag or commit. */
  readonly branch: string | undefined
  /** The URL that a new checkout names as its origin, without a password in it. */
  readonly origin: string | undefined
}

/** Folders that a checkout needs beside it; an app counts on its data folder from the first start. */
export const makeRoom = raw(`mkdir -p "$data"
(umask 077; mkdir -p "$records")`)

/** With all history, as a person's own `git fetch` would: it has to be known whether a commit is an ancestor of another. */
function fetchHistory(url: string): Script {
  return lines(
    sh`url=${url}`,
    raw(String.raw`if ! in_repository cat-file -e "$commit^{commit}" 2>/dev/null; then`),
    batchMode,
    raw(String.raw`if ! problem=$(in_repository fetch --quiet --no-tags -- "$url" "+$commit:$ref" 2>&1); then
  case $problem in
    *'not our ref'* | *nadvertised* | *'dumb http'*)
      in_repository fetch --quiet --no-tags --prune -- "$url" '+refs/heads/*:refs/srv/heads/*' '+refs/tags/*:refs/srv/tags/*' ;;
    *) fail "$problem" ;;
  esac
fi
in_repository cat-file -e "$commit^{commit}" 2>/dev/null || fail "No branch or tag of $url contains the commit $commit."
fi`),
  )
}

/** Hides the `.env` that srv writes from git, without a change to the repository's own .gitignore. */
const hideVariables = raw(String.raw`exclude=$(in_repository rev-parse --git-path info/exclude)
case $exclude in /*) ;; *) exclude=$instance/$exclude ;; esac
if ! grep -qxF /.env.new "$exclude" 2>/dev/null; then
  mkdir -p "${'$'}{exclude%/*}"
  printf '\n# srv\n/.env\n/.env.new\n' >> "$exclude"
fi`)

/**
 * Gets the commit into the checkout and refuses what could not be checked out. No checked-out file is touched,
 * unless a killed run left a move half done.
 */
export function fetchIntoScript(layout: Layout, fetching: Fetching): Script {
  const { id, commit, source, branch, origin } = fetching
  return lines(
    checkoutPrologue(layout),
    sh`id=${id}`,
    sh`commit=${commit}`,
    sh`ref=${releaseRef(id)}`,
    makeRoom,
    makeCheckout(branch, origin),
    findGitFolder,
    repair,
    raw(String.raw`head=$(head_commit)
[ -n "$head" ] || [ -f "$git_folder/srv-made" ] || refuse unborn`),
    source.kind === 'remote' ? fetchHistory(source.url) : requireCommit,
    raw('in_repository update-ref "$ref" "$commit"'),
    requireForward(fetching),
    requirePlain(fetching),
    requireRoom,
    fetchLargeFiles(source.kind === 'remote' ? source.url : undefined),
    ...(fetching.writesVariables ? [hideVariables] : []),
    writeRecord(fetching.record),
  )
}

/** Forgets the release again; a checkout that was made for it and never got a file goes too. */
export function forgetScript(layout: Layout, id: string): Script {
  return lines(
    checkoutPrologue(layout),
    sh`id=${id}`,
    raw(String.raw`rm -rf "$instance/.srv-git"
rm -f "$records/$id.json" "$records/$id.whole"
if [ -e "$instance/.git" ]; then
  forget "$id"
  if [ -f "$instance/.git/srv-made" ] && [ -z "$(head_commit)" ]; then rm -rf "$instance"; fi
fi
if [ -d "$instance" ] && [ -z "$(ls -A "$instance")" ]; then rmdir "$instance"; fi`),
  )
}
