/**
 * One word for a POSIX shell, byte for byte what went in.
 *
 * zx's own `quote` writes `$'…'`, which is bash only and a command injection on dash, Debian's `/bin/sh`. `=` and `~`
 * are not in the safe set, since a bare `a=b` is an assignment and `~` a home directory.
 *
 * @throws TypeError for a NUL byte, which no argument of a Unix process can hold.
 */
export function quote(word: string): string {
  if (word.includes('\0')) throw new TypeError('a NUL byte cannot be passed to a shell')
  return /^[\w%+,./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
