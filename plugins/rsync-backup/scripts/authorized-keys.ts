import { lines, lockFunction, raw } from '../../../src/index.ts'

/**
 * Shell function `replace_key MARK LINE`: removes the lines whose comment begins with a mark from the user's
 * authorized_keys, and appends a line, if any.
 *
 * A mistake here locks people out. The new text is written to another file and renamed, so that a full disk or a power loss
 * leaves either the old or the new text, even where the file is a link; a file of another owner is written in place. A file
 * in which nothing is left was made for the removed line, and is removed too.
 */
export const authorizedKeys = lines(
  lockFunction,
  raw(`umask 077
file=$HOME/.ssh/authorized_keys
replace_key() (
  set -e
  mkdir -p "$HOME/.ssh"
  exec 9<"$HOME/.ssh"
  srv_lock 300
  [ -e "$file" ] || : >"$file"
  file=$(readlink -f "$file")
  [ -n "$2" ] || awk -v mark="$1" 'index($NF, mark) == 1 { found = 1 } END { exit !found }' "$file" || exit 0
  rm -f "$file.srv-new"
  cp -p "$file" "$file.srv-new"
  awk -v mark="$1" 'index($NF, mark) != 1' "$file" >"$file.srv-new"
  [ -z "$2" ] || printf '%s\\n' "$2" >>"$file.srv-new"
  if cmp -s "$file" "$file.srv-new"; then :
  elif [ ! -s "$file.srv-new" ] && [ -O "$file" ] && [ ! -L "$HOME/.ssh/authorized_keys" ]; then rm -f "$file"
  elif [ ! -O "$file" ]; then cat "$file.srv-new" >"$file"
  else
    sync "$file.srv-new" 2>/dev/null || sync
    mv -f "$file.srv-new" "$file"
  fi
  rm -f "$file.srv-new"
)`),
)
