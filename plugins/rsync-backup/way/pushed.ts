import { lines, raw, sh, type ExecResult, type Script } from '../../../src/index.ts'
import {
  excluded,
  foundText,
  freshFolder,
  goneFunction,
  keepFlags,
  logOf,
  mayCompare,
  saying,
  sparse,
  thorough,
  watched,
  type Pass,
} from '../scripts/pass.ts'
import { format, prologue } from '../scripts/prologue.ts'
import { intoGate } from './gate.ts'
import { overLink } from './near.ts'

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
  const receive = sh`exec rsync --server $words "$@" --partial $fake --log-file=log.rsync ${`--log-file-format=${format}`} . ${into}/`
  return intoGate(tag, service, lines(raw('set -eu'), foundText(pushed), freshFolder(pushed), receive))
}

/** Sends the copy, on the host. Exit status 24 is that files vanished meanwhile: then it ends with what `vanishedIn` reads. */
export function pushScript(pushed: Pushed): Script {
  const { tag, service, from, options, begun } = pushed
  const { before, shell } = overLink(tag)
  const flags = [
    ...keepFlags(options),
    sparse,
    '--out-format=%i%I',
    ...saying,
    `--checksum-choice=${begun.algorithm}`,
    begun.checksum && mayCompare(pushed) ? thorough.yes : thorough.no,
  ]
  return lines(
    raw('set -eu'),
    before,
    raw('log=$link/log errors=$link/errors'),
    watched(sh`rsync ${flags} ${excluded(pushed)}${shell} ${`${from}/`} ${`srv:${service}/`}`),
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
 * Makes the list of entries that the keeper's rsync wrote into its log what it would have printed: without the time and
 * process in front, and with bytes that are not ASCII written as numbers.
 */
export function receivedScript({ vault, id, into }: Pass, vanished: string | undefined): Script {
  return lines(
    prologue(vault),
    sh`cd "$base"/.staging-${id}`,
    raw(String.raw`{ echo '/[^ -~]/!b'
byte=128
while [ "$byte" -lt 256 ]; do
  octal=$(printf %o "$byte")
  printf "s/\\$octal/\\\\\\\\#$octal/g\n"
  byte=$((byte + 1))
done; } >escapes`),
    sh`sed -n 's/^[^=]*] =/=/p' log.rsync | sed -f escapes >${logOf(into)}`,
    raw('rm -f log.rsync escapes'),
    vanished === undefined || into === 'warm' ? raw(':') : sh`printf '%s\n' ${vanished} >vanished`,
  )
}
