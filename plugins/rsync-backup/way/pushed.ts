import { lines, raw, sh, type ExecResult, type Script } from '../../../src/index.ts'
import {
  excluded,
  foundText,
  comparedText,
  goneFunction,
  keepFlags,
  logOf,
  mayCompare,
  paceOf,
  saying,
  sparse,
  thorough,
  watchedFunction,
  type Pass,
} from '../scripts/pass.ts'
import { listing } from '../scripts/listing.ts'
import { format, prologue } from '../scripts/prologue.ts'
import { intoGate } from './gate.ts'
import { overLink } from './near.ts'
import { toldAwk } from './told-awk.ts'

/** A line of rsync's log is cut at 2048 bytes (its log.c, rwrite), and has other fields than one of a list: some bytes less are safe. */
const widest = 1900

/** One copy that the host sends by itself. */
export interface Pushed extends Pass {
  readonly tag: string
  readonly service: string
}

/**
 * Puts the text where the gate of the keeper finds it that receives one copy. All that decides what the snapshot becomes
 * is in it: where it is written, what it is compared with, and the list of entries, which the keeper's own rsync writes.
 */
export function expectScript(pushed: Pushed): Script {
  const { tag, service, into } = pushed
  const receive = sh`mkdir ${into}\nexec rsync --server $words $rules "$@" --partial $fake --log-file=log.rsync ${`--log-file-format=${format}`} . ${into}/`
  return intoGate(tag, service, lines(raw('set -eu'), foundText(pushed), comparedText(pushed), receive))
}

/** Sends the copy, on the host. Exit status 24 is that files vanished meanwhile: then it ends with what `vanishedIn` reads. */
export function pushScript(pushed: Pushed): Script {
  const { vault, tag, service, from, options, begun } = pushed
  const { before, shell } = overLink(tag)
  const flags = [
    ...keepFlags(options),
    sparse,
    '--out-format=%i%I',
    ...paceOf(vault),
    ...saying,
    `--checksum-choice=${begun.algorithm}`,
    begun.checksum && mayCompare(pushed) ? thorough.yes : thorough.no,
  ]
  return lines(
    raw('set -eu'),
    before,
    raw('log=$link/log errors=$link/errors'),
    watchedFunction,
    sh`watched ${flags} ${excluded(pushed)}${shell} ${`${from}/`} ${`srv:${service}/`}`,
    goneFunction,
    raw(`[ "$code" != 24 ] || gone "$errors" | sed 's/^/vanished /' >&2
exit "$code"`),
  )
}

/** How many files a host could not send because they vanished, and the first names; `undefined` when it sent all. */
export function vanishedIn({ end, stderr }: ExecResult): string | undefined {
  if (end.kind !== 'exit' || end.code !== 24) return undefined
  return stderr
    .split('\n')
    .flatMap((line) => (line.startsWith('vanished ') ? [line.slice('vanished '.length)] : []))
    .join('\n')
}

/**
 * Makes the list of entries as the keeper's rsync would have printed it. They are listed anew, since the log is no list of
 * them: each line is cut at 2048 bytes with its end, and before rsync 3.5 names stand in it as they are, line breaks and
 * all. What the log says of an entry counts where it has just one line that fits it, and nowhere once a name could have
 * cut or made a line. A file that it says nothing of is as the last manifest has it, where rsync finds it unchanged, or
 * read: `untold` tells the seal.
 */
export function receivedScript(pass: Pass, vanished: string | undefined): Script {
  const { vault, into, options } = pass
  return lines(
    prologue(vault),
    foundText(pass),
    sh`into=${into} told=${toldAwk}`,
    listing(options),
    raw(String.raw`cd "$base/.staging-$id"
{ echo '/[^ -~]/!b'
byte=1
while [ "$byte" -lt 256 ]; do
  octal=$(printf %03o "$byte")
  # ASCII and the tab stay as they are, and a line ends where it ends.
  case $octal in 01[12] | 0[4-7]? | 1??) ;; *) printf "s/\\$octal/\\\\\\\\#$octal/g\n" ;; esac
  byte=$((byte + 1))
done; } >escapes
sed -n 's/^[^=]*] =/=/p' log.rsync | sed -f escapes >said
list "$into" >listed`),
    sh`awk -v wide=${String(widest)} "$told" said listed >${logOf(into)}`,
    raw('rm -f log.rsync escapes said listed'),
    vanished === undefined || into === 'warm' ? raw(':') : sh`printf '%s\n' ${vanished} >vanished`,
  )
}
