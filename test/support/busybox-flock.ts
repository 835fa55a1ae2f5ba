import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Writes a `flock` into a folder that knows the options of busybox's and no other (util-linux/flock.c: `sxnu`): it is
 * the only one of a bare Alpine, and Debian's build of busybox is the one without it.
 */
export function writeBusyboxFlock(folder: string): void {
  const text = `#!/bin/sh
case $1 in -*[!sxnu]*) echo "flock: unrecognized option: $1" >&2; exit 1 ;; esac
exec /usr/bin/flock "$@"
`
  writeFileSync(join(folder, 'flock'), text, { mode: 0o755 })
}
