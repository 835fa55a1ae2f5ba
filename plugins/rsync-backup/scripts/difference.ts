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

/** Exit status of a copy that has to be made anew, by one rsync: what was listed was something else when it was copied. */
export const anew = 75

/** Links a folder with all that it has; attributes that cannot be kept are an error. */
const link = 'cp -al --preserve=xattr'

/**
 * Asks what differs from the one folder that a copy is compared with, and links that folder meanwhile. It leaves the files
 * `difference` and `wanted`; or nothing, when all has to be left to one rsync: where there are several such folders or none,
 * where cp is not GNU's, where the answer says too little, and where something could not be read (23), which that rsync
 * tells. Of any other failure this ends with the exit status of rsync.
 */
export function differenceText(pass: PassText): Script {
  const { from, options, shell, isGated = false } = pass
  // Without --outbuf, rsync does not notice that the last of what it says has no room.
  const said = ['-n', '-ii', `--out-format=${format}`, '--outbuf=L', '--delete', '--delete-excluded']
  // Through a gate, all of the content would be read twice.
  const isWorth = isGated ? '[ "${rules##* }" != --checksum ] && ' : ''
  return lines(
    comparedText(pass),
    mawkFunction,
    sh`want=${wantedAwk}`,
    raw(`# Of a folder, cp takes away no attribute and none of the bits beside its permissions, such as set-group-ID. Where rsync
# keeps owners and modes as attributes, these as well.
if [ -n "$fake" ]; then lasting='[pogax]'; else lasting='[px]'; fi
if ${isWorth}[ "$#" = 1 ] && cp --version 2>/dev/null | grep -q GNU; then
  compared=\${1#*=}
  ${link} "$compared" linked 2>/dev/null & copying=$!
  code=0 linked=yes`),
    sh`rsync ${[...keepFlags(options), ...said]} $rules ${excluded(pass)} $fake${shell ?? raw('')} ${`${from}/`} "$compared/" >difference 2>errors || code=$?`,
    raw(`wait "$copying" || linked=
  case $code in 0 | 23 | 24) ;; *) cat errors >&2; ${roomText}; exit "$code" ;; esac
  if [ "$code" = 23 ] || [ -z "$linked" ] || ! awk -v lasting="$lasting" "$want" difference >wanted; then
    remove linked
    rm -f difference wanted
  fi
fi`),
  )
}

/*
 * Shell function `clear_obsolete`: removes what the file of that name lists, where find meets it below `linked` without
 * following a link: the list is made of what a host said.
 */
const clearFunction = raw(`clear_obsolete() {
  (cd linked && find . -name '*
*' -prune -o -print) >there &&
    awk 'FNR == NR { obsolete[$0] = 1; next } $0 in obsolete' obsolete there >met &&
    tr '\\n' '\\0' <met >there &&
    (cd linked && xargs -0 rm -rf -- <../there)
}`)

/**
 * Copies what `differenceText` found, and puts it over what was linked; the folder with that takes the place of the one
 * with only what differs. `$code` is then the exit status of a copy: 11, as of rsync where a file cannot be written, when that
 * fails; or `anew`.
 *
 * It does not look for hard links: rsync waits for ever where it compares with a folder and finds a new name for a file
 * that did not change (3.5.0). Where there are any that changed, `differenceText` leaves all to one rsync.
 */
export function copyDifferenceText(pass: PassText, flags: readonly string[], folders: Script): Script {
  const { options, into, isGated = false } = pass
  const listed = isGated ? [] : ['--files-from=wanted', '--ignore-missing-args']
  return lines(
    mawkFunction,
    clearFunction,
    sh`fold=${foldedAwk} log=log.changed`,
    raw(`code=0 listed=1
: >log.changed
if [ -s wanted ]; then
${isGated ? 'listed=0' : ':'}`),
    sh`watched ${keepFlags(options, false)} ${flags} $rules "--compare-dest=\${1#*=}" ${excluded(pass)} ${listed} ${folders}`,
    raw(`fi
${into === 'warm' ? ':' : `[ "$code" != 24 ] || ${vanishedText}`}
case $code:$listed in
0:* | 24:*)
  code=0
  awk -v listed="$listed" "$fold" stage=copied log.changed stage=asked difference >${logOf(into)} || code=$?
  ;;
# A folder in the way to what was listed is none any more; what cannot be read is told by the copy of everything.
23:1) code=3 ;;
esac
case $code in
0)
  {
    { [ ! -e obsolete ] || clear_obsolete; } &&
      { [ ! -s wanted ] || ${link} --remove-destination ${into}/. linked/; } &&
      mv ${into} changed && mv linked ${into} && remove changed
  } 2>errors || { cat errors >&2; code=11; }
  ;;
3) code=${String(anew)} ;;
esac
${into === 'warm' ? '' : '[ ! -e missing ] || mv missing vanished\n'}rm -f difference wanted obsolete there met missing log.changed
[ "$code" != ${String(anew)} ] || remove linked vanished`),
  )
}
