import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { releaseRef, type Layout } from '../layout.ts'
import type { Source } from '../source.ts'
import { exportTree } from './export.ts'
import { forget, gitEnvironment, makeFolders, makeRepository, prologue } from './prologue.ts'

/** What is to be made on the host. */
export interface Making {
  readonly id: string
  readonly commit: string
  /** The folder of the repository that is exported; all of it by default. */
  readonly path: string | undefined
  readonly source: Source
  /** JSON object: what the record says beside the subject of the commit, which only the host may know. */
  readonly record: Readonly<Record<string, string>>
}

/** Batch mode: git would wait for a password. An SSH command that the host itself has chosen is kept. */
export const batchMode =
  raw(`if [ -z "\${GIT_SSH_COMMAND:-}\${GIT_SSH:-}" ] && ! in_repository config --get core.sshCommand >/dev/null; then
  GIT_SSH_COMMAND='ssh -o BatchMode=yes'
  export GIT_SSH_COMMAND
fi`)

/**
 * Gets the one commit. Old servers hand out only what a branch or tag points to, and some cannot make a shallow copy:
 * then all branches and tags are fetched, with all their history. A lock file is what a killed git left behind, since only one run works here.
 */
function fetchCommit(url: string): Script {
  return lines(
    sh`url=${url}`,
    raw(String.raw`if ! in_repository cat-file -e "$commit^{commit}" 2>/dev/null; then`),
    batchMode,
    raw(String.raw`rm -f "$repository/shallow.lock" "$repository/packed-refs.lock"
if ! problem=$(LC_ALL=C in_repository fetch --quiet --no-tags --depth=1 -- "$url" "+$commit:$ref" 2>&1); then
  case $problem in
    *'not our ref'* | *nadvertised* | *shallow* | *'dumb http'*)
      deepen=
      [ ! -f "$repository/shallow" ] || deepen=--unshallow
      in_repository fetch --quiet --no-tags --prune $deepen -- "$url" '+refs/heads/*:refs/srv/heads/*' '+refs/tags/*:refs/srv/tags/*' ;;
    *) fail "$problem" ;;
  esac
fi
in_repository cat-file -e "$commit^{commit}" 2>/dev/null || fail "No branch or tag of $url contains the commit $commit."
fi`),
  )
}

/** The commit was sent before this script ran. */
export const requireCommit = raw(`in_repository cat-file -e "$commit^{commit}" 2>/dev/null ||
  fail "The commit $commit did not arrive in $repository."`)

/** Written before the folder gets its name: a folder without a record would never be pruned. */
export function writeRecord(record: Readonly<Record<string, string>>): Script {
  return lines(
    sh`known=${`${JSON.stringify(record).slice(0, -1)},`}`,
    raw(String.raw`subject=$(in_repository -c log.showSignature=false log -1 --format=%s "$commit" | tr -d '\000-\037\177' | sed 's/[\\"]/\\&/g')
(umask 077; printf '%s"subject":"%s"}\n' "$known" "$subject" > "$records/$id.tmp")
mv -f "$records/$id.tmp" "$records/$id.json"`),
  )
}

/** Gets the commit onto the host and makes its release folder: nothing that runs is touched. */
export function fetchScript(layout: Layout, making: Making): Script {
  const { id, commit, source } = making
  return lines(
    prologue(layout),
    sh`id=${id}`,
    sh`commit=${commit}`,
    sh`ref=${releaseRef(id)}`,
    gitEnvironment,
    makeFolders,
    makeRepository,
    source.kind === 'remote' ? fetchCommit(source.url) : requireCommit,
    raw('in_repository update-ref "$ref" "$commit"'),
    writeRecord(making.record),
    exportTree(making.path),
  )
}

/** Removes the release again, unless it serves after all. */
export function removeScript(layout: Layout, id: string): Script {
  return lines(
    prologue(layout),
    sh`id=${id}`,
    gitEnvironment,
    forget,
    raw(String.raw`[ "$(readlink "$current" || :)" != "releases/$id" ] || fail "$releases/$id still serves: it was not removed."
rm -rf "$releases/.srv-$id.tmp"
if [ -f "$records/$id.json" ] && [ -d "$releases/$id" ]; then
  mv -T "$releases/$id" "$releases/.srv-$id.tmp"
  rm -rf "$releases/.srv-$id.tmp"
fi
rm -f "$records/$id.json" "$records/$id.whole"
forget "$id"`),
  )
}
