import { lines, raw, sh, type Paths, type Script } from '../../../src/index.ts'
import type { Options } from '../options.ts'
import type { Vault } from '../vault.ts'
import { beforeChecked, checkedScript } from './checked.ts'
import { keepFlags, paceOf, sparse, telling, watchedFunction } from './pass.ts'
import { format, prologue, removeFunction } from './prologue.ts'
import { readingText, thereText } from './reading.ts'
import { whoScript } from './owners.ts'
import { freeScript } from './room.ts'

/** Where the data of a run is staged, next to the live data, because a restore is a rename within one file system. */
export function stagingOf({ service }: Pick<Paths, 'service'>, runId: string): string {
  return `${service}/.restore-${runId}`
}

/**
 * Makes a folder for what is brought, and prints how much room there is for it, whose it will be, and by which checksums
 * rsync can tell there what it was sent; one from before 3.2 prints none.
 */
export function prepareScript(staging: string): Script {
  return lines(
    removeFunction,
    sh`staging=${staging}`,
    raw(`remove "$staging"
(umask 077 && mkdir -p "$staging")`),
    freeScript(staging),
    whoScript,
    raw("rsync --version | grep -owE 'xxh128|md5' || :"),
  )
}

/** Prints those of some paths that are not in a snapshot, one per line. Links are not followed: what they point to has a path of its own. */
export function lacksScript(vault: Vault, id: string, paths: readonly string[]): Script {
  return lines(
    prologue(vault),
    sh`id=${id}`,
    thereText,
    raw(`cd "$base/$id"
is_here() {
  [ -e "./$1" ] || [ -L "./$1" ] || return 1
  above=$1
  while case $above in */*) ;; *) false ;; esac; do
    above=\${above%/*}
    [ ! -L "./$above" ] || return 1
  done
}`),
    ...paths.map((path) => sh`is_here ${path} || printf '%s\n' ${path}`),
    raw(':'),
  )
}

/**
 * Prints those of some files of the data that are behind an absolute link in a snapshot, one a line. A user other than root
 * keeps a link as a file with its text.
 */
export function ledOutScript(vault: Vault, id: string, files: readonly string[]): Script {
  return lines(
    prologue(vault),
    sh`id=${id}`,
    thereText,
    raw(`cd "$base/$id/data"
is_led_out() {
  at= rest=$1
  while case $rest in */*) ;; *) false ;; esac; do
    at=\${at:+$at/}\${rest%%/*} rest=\${rest#*/}
    if [ -L "./$at" ]; then to=$(readlink "./$at")
    elif [ -f "./$at" ]; then to=$(head -c 1 "./$at")
    else continue
    fi
    case $to in /*) return 0 ;; *) return 1 ;; esac
  done
  return 1
}`),
    ...files.map((file) => sh`! is_led_out ${file} || printf '%s\n' ${file}`),
    raw(':'),
  )
}

/** What is sent of a snapshot, and where to. */
export interface Sending {
  /** `all` is both, with what the keeper says of them. */
  readonly kind: 'data' | 'dumps' | 'all'
  /** One file or folder of the data, or one of the dumps. @default all */
  readonly path?: string | undefined
  /** Behind the remote shell. */
  readonly folder: string
  /** The words that tell rsync its remote shell. */
  readonly shell: Script
  /** What was sent is compared with the manifest. Not for `all`, which is verified where it is brought to. */
  readonly isChecked?: boolean
  /** What came before a way broke is where `setAsideScript` put it: it is compared with, and not sent again. */
  readonly again?: boolean
  /** Each file gets its own name at once, which spares a tenth of the time. The folder is new; a gate does not let it through. */
  readonly inPlace?: boolean
}

/** Where what came is put when the rest comes another way. */
function asideOf(folder: string): string {
  return `${folder}.came`
}

/**
 * Puts aside what came before a way broke. A folder is never brought into twice: an rsync that was cut off leaves files
 * there under names of its own.
 */
export function setAsideScript(folder: string): Script {
  return lines(dropAsideScript(folder), sh`if [ -e ${folder} ]; then mv -T ${folder} ${asideOf(folder)}; fi`)
}

/** Removes what was put aside. */
export function dropAsideScript(folder: string): Script {
  return lines(removeFunction, sh`remove ${asideOf(folder)}`)
}

/**
 * The remote shell of a keeper that sends to itself. In a copy without a remote shell --fake-super applies to both ends, but
 * restored files have to be real. -M could say that, but makes rsync 3.2.7 write to another folder.
 */
export const onItself = raw(` -s --blocking-io -e "sh -c 'shift; exec \\"\\$@\\"' sh"`)

/** Leaves in `$holes` the option that keeps files sparse; nothing where none is, because it slows everything down. `find` of busybox cannot tell. */
function lookForHoles(path: string): Script {
  return lines(
    sh`holes=${sparse}`,
    sh`none=$(find ${path} -type f -size +0 -printf '%b %s\\n' 2>/dev/null |`,
    raw(`  awk '$1 * 512 < $2 { found = 1; exit } END { if (NR > 0 && !found) print "none" }')
[ "$none" != none ] || holes=`),
  )
}

/**
 * Sends data or dumps of a snapshot, with progress. Always all files, instead of using the live ones as a basis: those may
 * change during the copy, and a sparse file would no longer be sparse.
 */
export function sendScript(
  vault: Vault,
  id: string,
  options: Pick<Options, 'acls' | 'xattrs'>,
  { kind, path, folder, shell, isChecked = false, again = false, inPlace = false }: Sending,
): Script {
  const flags = [
    ...keepFlags(options),
    ...(isChecked ? ['-ii', `--out-format=${format}`] : []),
    // The checksum of all content is printed, because sizes and times prove nothing about a file.
    ...(again ? ['--ignore-times', `--copy-dest=${asideOf(folder)}`] : []),
    ...paceOf(vault),
    ...telling,
  ]
  const checksum = isChecked ? raw(' "--checksum-choice=$algorithm"') : raw('')
  return lines(
    prologue(vault),
    sh`id=${id}`,
    readingText,
    ...(isChecked ? [beforeChecked] : []),
    sh`cd "$base"/${kind === 'all' ? id : `${id}/${kind}`}`,
    lookForHoles(path === undefined ? '.' : `./${path}`),
    // Together they may leave no holes (rsync(1), --sparse).
    raw(inPlace ? 'holes=${holes:---inplace}' : ':'),
    raw(`log=$(mktemp) errors=$(mktemp)
trap 'rm -f "$log" "$errors"' EXIT`),
    // With the folders above it, but not what else is in them.
    watchedFunction,
    sh`watched ${flags} $holes${checksum} ${path === undefined ? [] : ['--relative']} $fake${shell} ${path === undefined ? './' : `./${path}`} ${`srv:${folder}/`}`,
    isChecked && kind !== 'all' ? checkedScript(kind, path) : raw('exit "$code"'),
  )
}
