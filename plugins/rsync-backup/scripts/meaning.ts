import { raw, sh, type Script } from '../../../src/index.ts'

const full = 'No space left|Disk quota exceeded'
const noRoom = 'there is no space left where the snapshots are kept'
// What rsync prints about a file that got shorter while it was read, and about content that no longer matches its checksum
// (its fileio.c and receiver.c); and how its complaints about anything else begin.
const cut = 'read errors mapping .*No data available|failed verification -- update'
const complaint = '^(rsync: |ERROR|WARNING|IO error)'
const changed =
  'files changed while they were copied, as a log that is truncated does: back up again, or leave them out with exclude'
const unread = 'some files could not be read, and part of the data is not a snapshot'

/** Whether an rsync failed only on files that changed during the copy. */
export function hasChanged(code: number, said: string): boolean {
  if (code !== 23) return false
  const complaints = said.split('\n').filter((line) => new RegExp(complaint).test(line))
  return complaints.length > 0 && complaints.every((line) => new RegExp(cut).test(line))
}

/** What a reader can do something about, in the last words of a text that was to write where snapshots are kept. */
export function causeOf(problem: string): { readonly cause?: 'unmounted' | 'full' } {
  if (problem.endsWith(' is not mounted')) return { cause: 'unmounted' }
  return problem === noRoom || new RegExp(full).test(problem) ? { cause: 'full' } : {}
}

/** What the exit codes of rsync mean (rsync(1), EXIT VALUES) where it brings a snapshot back, and a reader can do something about it. */
export function meaningBack(code: number, said: string): string {
  if (new RegExp(full).test(said)) return 'there is no room left where it is brought to'
  if (code === 23) return 'some of it could not be read where it is kept, or not be written where it is brought to'
  return `rsync ended with exit code ${String(code)}`
}

/** The same where it makes one. */
export function meaning(code: number, said: string): string {
  if (new RegExp(full).test(said)) return noRoom
  if (code === 23) return hasChanged(code, said) ? changed : unread
  return `rsync ended with exit code ${String(code)}`
}

/**
 * Shell function `meaning CODE FILE`: the same, with what was said in a file; `full FILE`, whether that is of a full disk, and
 * `has_changed CODE FILE`, whether it is only of files that changed.
 */
export const meaningFunction: Script = sh`full() { grep -qE ${full} "$1"; }
has_changed() {
  [ "$1" = 23 ] && grep -qE ${cut} "$2" && ! grep -E ${complaint} "$2" | grep -qvE ${cut}
}
meaning() {
  if full "$2"; then echo ${noRoom}
  elif has_changed "$1" "$2"; then echo ${changed}
  elif [ "$1" = 23 ]; then echo ${unread}
  else echo "rsync ended with exit code $1"
  fi
}`

/** Exit codes of an rsync that was cut off from its other half, and of an ssh that was cut off from the host. */
const broken: readonly number[] = [10, 12, 30, 35, 255]

/** Whether an rsync that ended so was cut off from its other half. */
export function isBroken(code: number): boolean {
  return broken.includes(code)
}

/** Shell function `is_broken CODE`: the same. */
export const brokenFunction: Script = raw(`is_broken() { case $1 in ${broken.join(' | ')}) ;; *) return 1 ;; esac; }`)
