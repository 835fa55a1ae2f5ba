import { raw, type Script } from '../../../src/index.ts'

const heads = {
  sender: { words: '--server --sender', test: `[ $# -ge 4 ] && [ "$1 $2" = '--server --sender' ] || refuse\nshift 2` },
  receiver: { words: '--server', test: `[ $# -ge 3 ] && [ "$1" = '--server' ] || refuse\nshift` },
} as const

/**
 * Begins the program that a key or a connection starts on a machine, and no other: for whom it is written, as people read
 * it there, and the words of what was asked for in `$@`. None of them is a pattern, or anything else to a shell. It ends with
 * a brace, since the file may be replaced meanwhile.
 */
export function gateHead(whom: string): Script {
  return raw(`#!/bin/sh
# Written by srv: what ${whom.replaceAll(/[^\w. -]/g, '-')} may do here, and nothing else.
{
LC_ALL=C
export LC_ALL
umask 077
refuse() { echo 'srv: this is not allowed here' >&2; exit 9; }
case \${SSH_ORIGINAL_COMMAND:-} in '' | *[!A-Za-z0-9\\ ./=,%_-]*) refuse ;; esac
set -- $SSH_ORIGINAL_COMMAND`)
}

/**
 * Shell text that checks what the other half of an rsync asks for, its words without `rsync`, and leaves its options in
 * `$words` and the folder in `$*`, as `. shop/data/`.
 *
 * Only what the copy of a backup asks for goes through: no option that follows links out of the folder, removes anything,
 * writes in place or beside, or names a folder; nor one that is verbose, since rsync would print the lines of a file that a
 * merge rule names. `more` are further short options. The letters after the `e` of the short options belong to the protocol.
 */
export function admitted(half: keyof typeof heads, more = ''): Script {
  return raw(`${heads[half].test}
words=
while [ $# -gt 2 ]; do
  case $1 in
  --numeric-ids | --timeout=* | --bwlimit=* | --checksum-choice=* | --log-format=%i | --log-format=%i%I) ;;
  --*) refuse ;;
  -*)
    letters=\${1#-}
    case \${letters%%e*} in *[!HogDtpAXrcSli${more}]*) refuse ;; esac
    ;;
  *) refuse ;;
  esac
  words="$words $1"
  shift
done`)
}

/** Shell text that serves what was let through, from or into the folder that it stands in. */
export function serve(half: keyof typeof heads): Script {
  return raw(`exec rsync ${heads[half].words} $words . ./`)
}
