import { raw, type Script } from '../../../src/index.ts'

/** Leaves in `at`, in awk, where the mount of a line of mountinfo is: special characters are octal there. */
export const mountedAt = String.raw`at = $5; gsub(/\\040/, " ", at); gsub(/\\011/, "\t", at); gsub(/\\012/, "\n", at); gsub(/\\134/, "\\", at)`

/**
 * Prints what is mounted in `$data`, a line for each: `mount uploads/big`, and `mount .` for the data themselves. Whatever is
 * not plain in a path is three octal digits behind `%`: it goes through shells, and into JSON.
 */
export const mountsText: Script = raw(String.raw`if [ -r /proc/self/mountinfo ]; then
  real=$(cd -P "$data" && pwd -P; echo x)
  LC_ALL=C real=${'$'}{real%?x} awk 'BEGIN { base = ENVIRON["real"]; for (i = 1; i < 256; i++) code[sprintf("%c", i)] = sprintf("%%%03o", i) }
{ ${mountedAt}
  if (at == base) below = "."
  else if (index(at, base "/") == 1) below = substr(at, length(base) + 2)
  else next
  said = ""
  for (i = 1; i <= length(below); i++) { one = substr(below, i, 1); said = said (one ~ /[A-Za-z0-9._\/+@:=~-]/ ? one : code[one]) }
  if (!(said in seen)) print "mount " said
  seen[said] = 1 }' /proc/self/mountinfo
fi`)

/** Reads what `mountsText` printed: paths with blanks between them. */
export function mountsIn(stdout: string): string {
  return [...stdout.matchAll(/^mount (\S+)$/gm)].map(([, path]) => path).join(' ')
}

/**
 * Shell function `unmounted LAST`: prints, of the mount points that a snapshot has, those that are not in `$mounts` any
 * more, for people. One in which nothing was copied is not missed.
 */
export const unmountedFunction: Script = raw(String.raw`unmounted() {
  for one in $(said "$1" mounts); do
    case " $mounts " in *" $one "*) continue ;; esac
    path=$(printf '%b' "$(printf '%s' "$one" | sed 's/%/\\0/g')x")
    path=${'$'}{path%x}
    [ -e "$base/$1/data/$path" ] && [ -n "$(ls -A "$base/$1/data/$path" 2>&1)" ] || continue
    if [ "$path" = . ]; then path=data; else path=data/$path; fi
    printf '%s%s' "${'$'}{comma:-}" "$path"
    comma=', '
  done
}`)
