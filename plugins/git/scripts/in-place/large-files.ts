import { lines, raw, sh, type Script } from '../../../../src/index.ts'

/*
 * In a commit, a file of Git LFS is a small pointer, and a checkout without git-lfs or its settings would contain the pointer
 * instead of the file. So the files are fetched before the checkout moves, while all hosts can still be left as they are;
 * after the move it is checked again that they are there.
 */

/** How a repository is named to Git LFS: a folder only as a URL. */
function remoteName(url = ''): string {
  return url.startsWith('/') ? `file://${url}` : url
}

/** Fetches the files of `$commit` that Git LFS keeps, or refuses. They come from where its own .lfsconfig says, as in any clone; else from `url`, else from the checkout's origin. */
export function fetchLargeFiles(url: string | undefined): Script {
  return lines(
    sh`remote=${remoteName(url)}`,
    raw(String.raw`if in_repository grep -q -e filter=lfs "$commit" -- .gitattributes '*/.gitattributes'; then
  in_repository lfs version >/dev/null 2>&1 || refuse lfs-missing
  filters=$(in_repository config --get-regexp '^filter\.lfs\.(process|smudge)$' || :)
  case $filters in
    '') refuse lfs-unset ;;
    *--skip*) refuse lfs-skipped ;;
  esac
  lfs_url=$(in_repository config --blob "$commit:.lfsconfig" --get lfs.url 2>/dev/null || :)
  if [ -z "$remote" ] && in_repository config --get remote.origin.url >/dev/null; then remote=origin; fi
  set --
  [ -z "$lfs_url" ] || set -- -c "lfs.url=$lfs_url"
  if ! problem=$(in_repository "$@" lfs fetch "$remote" "$commit" 2>&1); then
    [ -n "$remote$lfs_url" ] || problem='nothing there says where they are stored'
    printf '%s\n' "$problem" | sed -n -e '/^fetch: /d' -e '/./{s/\.$//;s/^/detail /p;q;}'
    refuse lfs-objects
  fi
fi`),
  )
}

/** Makes sure that no pointer is in place of a file; a checkout without Git LFS pays nothing for it. */
export const requireLargeFiles = raw(String.raw`if [ -d "$git_folder/lfs" ]; then
  pointers=$(in_repository lfs ls-files | sed -n 's/^[0-9a-f]* - /detail /p')
  [ -z "$pointers" ] || { printf '%s\n' "$pointers" | sed -n 1,200p; refuse lfs-pointers; }
fi`)
