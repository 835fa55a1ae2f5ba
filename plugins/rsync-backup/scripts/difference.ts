import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { foldedAwk, wantedAwk } from './difference-awk.ts'
import { mawkFunction } from './manifest-awk.ts'
import { comparedText, excluded, keepFlags, logOf, roomText, vanishedText, type PassText } from './pass.ts'
import { format } from './prologue.ts'

/*
 * rsync takes four times as long to link a file that did not change (--link-dest) as cp to link it and rsync to find out
 * that it did not. So a folder that is compared with one other only is made in three steps: cp links all of that one into
 * `linked`, rsync says what differs and copies it into a folder of its own, and that is put over the rest. No file that older
 * snapshots share is written to: a name is removed before it gets another file.
 */

/**
 * Asks what differs from the one folder that a copy is compared with, and links that folder meanwhile. It leaves the files
 * `difference` and `wanted`; or nothing, when all has to be left to one rsync: where there are several such folders or none,
 * where cp is not GNU's, where the answer says too little, and where something could not be read (23), which that rsync
 * tells. Of any other failure this ends with the exit status of rsync.
 */
export function differenceText(pass: PassText): Script {
  const { from, options, shell } = pass
  const flags = [...keepFlags(options), '-n', '-ii', `--out-format=${format}`, '--delete', '--delete-excluded']
  return lines(
    comparedText(pass),
    mawkFunction,
    sh`want=${wantedAwk}`,
    raw(`if [ "$#" = 1 ] && cp --version 2>/dev/null | grep -q GNU; then
  compared=\${1#*=}
  cp -al "$compared" linked 2>/dev/null & copying=$!
  code=0 linked=yes`),
    sh`rsync ${flags} $rules ${excluded(pass)} $fake${shell ?? raw('')} ${`${from}/`} "$compared/" >difference 2>errors || code=$?`,
    raw(`wait "$copying" || linked=
  case $code in 0 | 23 | 24) ;; *) cat errors >&2; ${roomText}; exit "$code" ;; esac
  if [ "$code" = 23 ] || [ -z "$linked" ] || ! awk "$want" difference >wanted; then
    remove linked
    rm -f difference wanted
  fi
fi`),
  )
}

/**
 * Copies what `differenceText` found, and puts it over what was linked; the folder with that takes the place of the one
 * with only what differs. `$code` is then the exit status of a copy: 11, as of rsync where a file cannot be written, when that
 * fails.
 *
 * Hard links are looked for only when all was asked: rsync waits for ever where it compares with a folder and finds a
 * new name for a file that did not change (3.5.0). Then all is copied in one go.
 */
export function copyDifferenceText(pass: PassText, flags: readonly string[], folders: Script): Script {
  const { options, into, isGated = false } = pass
  const [short = '', ...long] = keepFlags(options)
  const what = isGated ? excluded(pass) : ['--files-from=wanted', '--ignore-missing-args']
  return lines(
    mawkFunction,
    sh`fold=${foldedAwk} log=log.changed`,
    raw(`code=0 listed=1
: >log.changed
if [ -s wanted ]; then
${isGated ? 'listed=0' : ':'}`),
    sh`watched ${[short.replace('H', ''), ...long]} ${flags} $rules "--compare-dest=\${1#*=}" ${what} ${folders}`,
    raw(`fi
${into === 'warm' ? ':' : `[ "$code" != 24 ] || ${vanishedText}`}
case $code in 0 | 24)
  code=0
  {
    awk -v listed="$listed" "$fold" stage=copied log.changed stage=asked difference >${logOf(into)} &&
      { [ ! -e obsolete ] || { sort -o obsolete obsolete && (cd linked && xargs rm -rf -- <../obsolete); }; } &&
      { [ ! -s wanted ] || cp -al --remove-destination ${into}/. linked/; } &&
      remove ${into} && mv linked ${into}
  } 2>errors || { cat errors >&2; code=11; }
  ;;
esac
${into === 'warm' ? '' : '[ ! -e missing ] || mv missing vanished\n'}rm -f difference wanted obsolete missing log.changed`),
  )
}
