import { raw, sh, type Script } from '../../../src/index.ts'

const full = 'No space left|Disk quota exceeded'
const noRoom = 'there is no room left where the snapshots are'
const unread = 'some files could not be read: a part of the data is no snapshot'

/** What the exit codes of rsync mean (rsync(1), EXIT VALUES), where a reader can do something about it. */
export function meaning(code: number, said: string): string {
  if (new RegExp(full).test(said)) return noRoom
  if (code === 23) return unread
  return `rsync ended with exit code ${String(code)}`
}

/** Shell function `meaning CODE FILE`: the same, with what was said in a file; and `full FILE`, whether that is of a full disk. */
export const meaningFunction: Script = sh`full() { grep -qE ${full} "$1"; }
meaning() {
  if full "$2"; then echo ${noRoom}
  elif [ "$1" = 23 ]; then echo ${unread}
  else echo "rsync ended with exit code $1"
  fi
}`

/** Exit codes of an rsync that was cut off from its other half, and of an ssh that was from the host. */
const broken: readonly number[] = [10, 12, 30, 35, 255]

/** Whether an rsync that ended so was cut off from its other half. */
export function isBroken(code: number): boolean {
  return broken.includes(code)
}

/** Shell function `is_broken CODE`: the same. */
export const brokenFunction: Script = raw(`is_broken() { case $1 in ${broken.join(' | ')}) ;; *) return 1 ;; esac; }`)
