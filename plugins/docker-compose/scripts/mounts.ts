import { lines, raw, type Script } from '../../../src/index.ts'

/*
 * What a release mounts out of its folder is copied into `mounts/`: `<digest>` for what containers may only read, and
 * `<digest>.<path>` for what one of them may write to, so that no two paths share a copy. A list beside that,
 * `.<digest>.<path>`, records what srv put there: everything else in it was written by the app, and is never removed or
 * corrected.
 */

/**
 * Shell functions about such copies. `digest path`: what is in a file or folder, names and links included, and which files
 * may be run, which is all that git knows of modes. `foreign place`: a
 * names, one per line, of what differs in a copy from what srv put there, except mount points that Docker creates and the
 * bytecode of Python. `gone place`: what srv put there and is missing. `few`: the first of many names.
 */
export const placeFunctions = raw(String.raw`programs() { find -H "$@" -type f -perm -100 | LC_ALL=C sort; }
digest() {
  if [ -d "$1" ]; then
    (cd "$1" && { find . -type f -print0 | sort -z | xargs -0 sha256sum 2>/dev/null; find . ! -type f | sort; find . -type l -exec readlink {} \;; programs .; }) | sha256sum
  elif [ -n "$(programs "$1")" ]; then { sha256sum < "$1" && echo runs; } | sha256sum
  else sha256sum < "$1"; fi | cut -c 1-20
}
digest_of() { named=${'$'}{1##*/}; printf '%s\n' "${'$'}{named%%.*}"; }
known_in() {
  list=${'$'}{1%/*}/.${'$'}{1##*/}
  [ -f "$list" ] || list=/dev/null
}
foreign() {
  known_in "$1"
  if [ ! -d "$1" ]; then [ "$(digest "$1" 2>/dev/null)" = "$(digest_of "$1")" ] || echo 'the file itself'; return 0; fi
  if [ ! -r "$1" ] || [ ! -x "$1" ]; then echo 'what only the app may read'; return 0; fi
  if [ "$list" = /dev/null ] && [ "$(digest "$1" 2>/dev/null)" = "$(digest_of "$1")" ]; then return 0; fi
  (
    cd "$1"
    {
      find . -name __pycache__ -prune -o ! -type d ! \( -type f -size 0 -perm 755 \) -print || :
      find . -type d | while IFS= read -r one; do [ -r "$one" ] && [ -x "$one" ] || printf '%s\n' "$one"; done
    } 2>/dev/null | list=$list LC_ALL=C awk '
      BEGIN {
        while ((getline line < ENVIRON["list"]) > 0) {
          escaped = sub(/^\\/, "", line)
          sub(/^[^ ]* [ *]/, "", line)
          if (escaped) gsub(/\\\\/, "\\", line)
          known[line] = 1
        }
      }
      !($0 in known) { print substr($0, 3) }' | LC_ALL=C sort
    sed '/^link /d' "$list" | LC_ALL=C sha256sum -c 2>/dev/null | sed -n 's/: FAILED.*$//p' | while IFS= read -r one; do
      case $one in '\'*) ;; *) [ -e "$one" ] || continue ;; esac
      printf '%s\n' "${'$'}{one#./}"
    done
  )
}
gone() {
  known_in "$1"
  sed -e '/^\\/{s/^\\//;s/\\\\/\\/g;}' -e 's/^[^ ]* [ *]//' "$list" | while IFS= read -r one; do
    [ -e "$1/$one" ] || [ -L "$1/$one" ] || printf '%s, which is gone\n' "${'$'}{one#./}"
  done
}
few() { awk 'NR <= 3 { all = all (NR > 1 ? ", " : "") $0 } END { if (NR > 3) all = all " and " NR - 3 " more"; print all }'; }
writable_of() { awk -F '\t' '$1 == "bind" && $3 == "rw" { print $4 }' "$1/facts" 2>/dev/null || :; }`)

/*
 * `keep_mount source key` copies a file or folder to a place that is named after its content, and prints that: a container
 * that stays over many releases never loses what it mounts, and a rollback brings back the file that was mounted then.
 * With a key, containers may write to it. `mounts_of release` prints the copies to which containers of a release may write.
 */
const keeping = raw(String.raw`mounts_of() {
  [ -f "$1/facts" ] && [ -f "$1/moved" ] || return 0
  awk -F '\t' 'FILENAME == ARGV[1] { if ($1 == "bind" && $3 == "rw") writable[$4] = 1; next } $1 in writable { print $1 "\t" $2 }' "$1/facts" "$1/moved"
}
keep_mount() {
  hash=$(digest "$1")
  place=$compose/mounts/$hash${'$'}{2:+.$2}
  if [ ! -e "$place" ]; then
    rm -rf "$place.tmp"
    cp -pPR "$1" "$place.tmp" || return 1
    if [ -n "$2" ] && [ -d "$1" ]; then
      (cd "$place.tmp" && { find . -type f -print0 | sort -z | xargs -0 -r sha256sum 2>/dev/null; find . ! -type f ! -type d | sed 's/^/link  /'; }) > "$compose/mounts/.$hash.$2" || return 1
    fi
    mv -T "$place.tmp" "$place" || return 1
  elif [ -z "$2" ] && [ "$(digest "$place")" != "$hash" ]; then
    for release in "$compose"/2*; do
      if mounts_of "$release" | cut -f 2 | grep -qxF -e "$place"; then keep_mount "$1" ro; return; fi
    done
    # Somebody changed it: it is put right where it is, since a container may have it mounted.
    if [ -d "$place" ]; then find "$place" -mindepth 1 -delete && cp -pPR "$1/." "$place/"
    else
      cat "$1" > "$place"
      if [ -n "$(programs "$1")" ]; then chmod a+x "$place"; else chmod a-x "$place"; fi
    fi || return 1
  fi
  printf '%s\n' "$place"
}
move_mount() { # path, key, source
  # By itself: what fails in the middle of another command stops nothing.
  kept=$(keep_mount "$3" "$2")
  printf '%s\t%s\n' "$1" "$kept" >> "$work/moved"
}`)

/*
 * `bring path service`: takes a path of the release that a service mounts. What is only a link there, as git's `shared` makes
 * them to the data, is mounted where it is. What the app wrote into the copy that serves stays mounted for as long as the
 * release has the same there; a release that has something else is refused, since the app would miss what it wrote.
 */
const bringing = raw(String.raw`serving=
[ ! -f "$compose/active" ] || read -r serving < "$compose/active"
writable_of "$work" > "$work/writable"
real() { readlink -f "$1" || printf '%s\n' "$1"; }
folder_now=$(real "$folder") data_now=$(real "$data")
placeholders() { [ -d "$1" ] && [ -z "$(find "$1/." ! -type d ! -name .gitkeep ! -name .keep ! -name .gitignore ! -name .placeholder | head -n 1)" ]; }
place_before() { # path, key
  [ -n "$serving" ] || return 0
  mounts_of "$compose/$serving" | suffix=/$serving${'$'}{1#"$folder"} key=.$2 awk -F '\t' '
    function ends(text, with) { return length(text) > length(with) && substr(text, length(text) - length(with) + 1) == with }
    ends($2, ENVIRON["key"]) || ends($1, ENVIRON["suffix"]) { print $2; exit }'
}
bring() {
  path=.${'$'}{1#"$folder"} source=$(real "$1") key=
  case $source in
  "$folder_now" | "$folder_now"/*) ;;
  *) if [ -e "$1" ]; then
    case $source in "$data_now"/*) source=$data${'$'}{source#"$data_now"} ;; esac
    printf '%s\t%s\n' "$1" "$source" >> "$work/moved"
    printf '%s\n' "$1" >> "$work/wrote"
    return 0
  fi ;;
  esac
  if grep -qxF -e "$1" "$work/writable"; then
    key=$(printf '%s\n' "$path" | sha256sum | cut -c 1-12)
    before=$(place_before "$1" "$key")
    if [ -n "$before" ] && [ -e "$before" ]; then
      written=$(foreign "$before")
      if [ -n "$written" ]; then
        into=$data/${'$'}{source##*/} from=$before
        [ ! -d "$before" ] || from=$before/.
        [ -e "$source" ] && [ "${'$'}{before##*/}" = "$(digest "$source").$key" ] ||
          fail "The app wrote into $path, which the service $2 mounts out of the release: $(printf '%s\n' "$written" | few). This release has another $path, which would lack these files: nothing was changed. Copy what is data below \${SRV_DATA}, and mount it from there: cp -a '$from' '$into'. If none of it is data, mount $path with :ro, or remove it from $before."
        printf '%s\n' "$1" >> "$work/wrote"
      fi
    fi
  fi
  [ -e "$1" ] ||
    fail "The service $2 mounts $1, which is not in the release: every deploy would create it anew. Put data below \${SRV_DATA}, which is $data."
  [ -z "$key" ] || ! placeholders "$source" ||
    fail "The service $2 writes to $1, an empty folder of the release: a later deploy would leave the data in it behind. Put data below \${SRV_DATA}, which is $data; or let git keep it there: shared: ['${'$'}{path#./}']."
  move_mount "$1" "$key" "$source"
}`)

/* In a checkout that stays, it is mounted where it is: only tracked files of a folder count, since the app may have written the rest. */
const standing = raw(String.raw`bring() {
  [ -e "$1" ] || return 0
  if [ -f "$1" ]; then hash=$(digest "$1"); else hash=$(cd "$folder" && git ls-files -s -- "$1" | sha256sum | cut -c 1-20); fi
  printf '%s\t%s\n' "$1" "$hash" >> "$work/contents"
}`)

/**
 * Shell function `mounted path service`, by which a release that is frozen takes in what its services mount: `moved` has what
 * is mounted from elsewhere, `contents` what counts of the rest, and `wrote` the paths that apps have written to.
 */
export function mountFunctions(isInPlace: boolean): Script {
  return lines(
    placeFunctions,
    keeping,
    raw(String.raw`: > "$work/moved"
: > "$work/contents"
: > "$work/wrote"`),
    isInPlace ? standing : bringing,
    raw(String.raw`mounted() {
  case $1 in
  "$work"/*) move_mount "$1" '' "$1" ;;
  "$folder" | "$folder"/*) grep -qF "$1$tab" "$work/moved" || bring "$1" "$2" ;;
  "$data"/*) case $2 in configs.* | secrets.*) printf '%s\t%s\n' "$1" "$(digest "$1")" >> "$work/contents" ;; esac ;;
  *) [ ! -f "$1" ] || printf '%s\t%s\n' "$1" "$(digest "$1")" >> "$work/contents" ;;
  esac
}`),
  )
}
