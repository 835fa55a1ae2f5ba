import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { anew, copyDifferenceText, differenceText } from './difference.ts'
import {
  comparedText,
  excluded,
  foundText,
  goneFunction,
  keepFlags,
  logOf,
  paceOf,
  roomText,
  saying,
  sparse,
  vanishedText,
  watchedFunction,
  type Pass,
  type PassText,
} from './pass.ts'
import { format } from './prologue.ts'

/**
 * Copies into a fresh folder; what is the same as in the snapshot before is linked and takes no room. rsync is never run
 * twice into one folder: it would change modes and owners of what older snapshots share (rsync(1), --link-dest).
 *
 * Where `differenceText` found out what differs, rsync copies that alone, and the rest is there already.
 */
function copyText(pass: PassText, onlyOnce: boolean): Script {
  const { vault, from, options, into, shell } = pass
  const flags = [sparse, `--out-format=${format}`, '--partial', ...paceOf(vault), ...saying]
  const folders = sh`$fake${shell ?? raw('')} ${`${from}/`} ${into}/`
  return lines(
    comparedText(pass),
    sh`mkdir ${into}\nerrors=errors`,
    watchedFunction,
    goneFunction,
    raw('isMade='),
    into === 'dumps'
      ? raw(':')
      : lines(
          raw('if [ -e difference ]; then'),
          copyDifferenceText(pass, flags, folders),
          raw(`if [ "$code" != ${String(anew)} ]; then isMade=yes; else remove ${into}; ${onlyOnce ? 'exit "$code"' : `mkdir ${into}`}; fi
fi`),
        ),
    raw(`if [ -z "$isMade" ]; then
log=${logOf(into)}`),
    sh`watched ${keepFlags(options)} ${flags} $rules "$@" ${excluded(pass)} ${folders}`,
    // What disappears between two copies is not missing from the second.
    raw(`[ "$code" -ne 24 ] || { ${into === 'warm' ? '' : `${vanishedText}; `}code=0; }\nfi`),
    raw(`if [ "$code" -ne 0 ]; then ${roomText}; fi\nexit "$code"`),
  )
}

/** Both halves of a copy, for where one text may run rsync as often as it likes. */
export function passText(pass: PassText): Script {
  return pass.into === 'dumps' ? copyText(pass, false) : lines(differenceText(pass), copyText(pass, false))
}

/** The second half alone, for a text that may run rsync once; where that is too little, its exit status is `anew`. */
export function copyOnceText(pass: PassText): Script {
  return copyText(pass, true)
}

/** A text of a pass with everything that it reads, as srv sends it. */
export function passScript(pass: Pass, text: (pass: PassText) => Script = passText): Script {
  return lines(foundText(pass), text(pass))
}
