import { raw } from '../../../src/index.ts'

/** By how much the clocks of a host and of its keeper may differ, in seconds. */
const apart = 600

/**
 * Shell functions for a keeper that keeps whole seconds (`$window` is 0). A file that is written again in the second in which
 * it was copied has the size and the time that it had, as far as can be told there. So what was written shortly before a copy
 * began or later is not compared with: it is copied once more, and by then it is old enough.
 *
 * - `recent FOLDER ID WORDS` has `find` do something with the files of a folder that were written since shortly before `ID`
 *   began, but not with what is dated after now.
 * - `without_recent ONE KIND` prints the folder to compare with in place of one of the snapshot `$last`, of a dead run, or of
 *   this one (`.`). The published one is linked to `compared` in `$staging`, without these files; the others lose them.
 */
export const recentFunctions = raw(`recent() {
  among=$1 begun=$(printf '%s\\n' "$2" | sed 's/^\\(....\\)\\(..\\)\\(..\\)T\\(..\\)\\(..\\)\\(..\\).*/\\1-\\2-\\3 \\4:\\5:\\6/')
  shift 2
  touch -t "$(date -u -d "@$(($(date -u -d "$begun" +%s) - ${String(apart + 1)}))" +%Y%m%d%H%M.%S)" since
  touch -t "$(date -u -d "@$(($(date +%s) + ${String(apart)}))" +%Y%m%d%H%M.%S)" until
  found=0
  find "$among" -type f -newer since ! -newer until "$@" || found=$?
  rm -f since until
  return "$found"
}
without_recent() {
  case $1 in
  .) named=$id whole=$staging/$2 ;;
  *) named=\${1#.staging-} whole=\${staging%/*}/$1/$2 ;;
  esac
  if [ "$window" = 0 ] && [ -d "$whole" ]; then
    if [ "$1" != "$last" ]; then recent "$whole" "$named" -exec rm -f {} +
    elif [ -d "compared/$2" ]; then whole=$staging/compared/$2
    elif [ -n "$(recent "$whole" "$named" -print -quit)" ]; then
      mkdir -p compared
      # What cannot be linked is copied.
      cp -al --preserve=xattr "$whole" "compared/$2" 2>/dev/null || [ -d "compared/$2" ] || cp -al "$whole" "compared/$2" 2>/dev/null || :
      whole=$staging/compared/$2
      [ ! -d "$whole" ] || recent "$whole" "$named" -exec rm -f {} +
    fi
  fi
  printf '%s\\n' "$whole"
}`)
