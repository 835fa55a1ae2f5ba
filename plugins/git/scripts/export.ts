import { lines, raw, sh, type Script } from '../../../src/index.ts'

/**
 * Exports a commit, or one folder of it, into a folder with a name of its own and renames that, so that a release folder
 * is always whole. There is no pipefail in a POSIX shell: a file says that `git archive` failed. `tar.umask` keeps root
 * from making everything writable for a group. REVISION is removed first, since in the repository it may be a link to
 * somewhere else.
 */
export function exportTree(path: string | undefined): Script {
  return lines(
    sh`path=${path ?? ''}`,
    raw(String.raw`if [ ! -e "$releases/$id" ]; then
tree=$commit
if [ -n "$path" ]; then
  tree=$commit:$path
  [ "$(in_repository cat-file -t "$tree" 2>/dev/null || :)" = tree ] || fail "There is no folder $path in the commit $commit."
fi
staged=$releases/.srv-$id.tmp
broken=$releases/.srv-$id.broken
trap 'rm -rf "$staged" "$broken"' EXIT
rm -rf "$staged" "$broken"
mkdir "$staged"
{ in_repository -c tar.umask=0022 archive --format=tar "$tree" || : > "$broken"; } | tar -xf - -C "$staged" || : > "$broken"
[ ! -e "$broken" ] || fail "The commit $commit could not be written to $staged."
rm -rf "$staged/REVISION"
printf '%s\n' "$commit" > "$staged/REVISION"
mv -T "$staged" "$releases/$id"
elif [ "$(cat "$releases/$id/REVISION" 2>/dev/null || :)" != "$commit" ]; then
  fail "$releases/$id already exists, and is not the commit $commit."
fi`),
  )
}
