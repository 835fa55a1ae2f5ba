import { lines, raw, sh, type Script } from '../../../src/index.ts'

/**
 * Writes a tree of a repository of this machine into an empty folder, as a host would have it. A separate index leaves
 * the repository's own alone; no git settings change the bytes.
 */
export function writeCode(repository: string, tree: string, folder: string): Script {
  return lines(
    sh`repository=${repository} tree=${tree} folder=${folder}`,
    raw(`git_folder=$(git -C "$repository" rev-parse --absolute-git-dir)
index=$folder.index
rm -f "$index"
in_tree() { (cd "$folder" && GIT_INDEX_FILE=$index git --git-dir="$git_folder" --work-tree=. "$@"); }
in_tree read-tree "$tree"
in_tree -c core.autocrlf=false -c core.attributesFile=/dev/null checkout-index --all
rm -f "$index"`),
  )
}
