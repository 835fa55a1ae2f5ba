import { bornFunction, lines, raw, sh, type Script } from '../../../src/index.ts'
import { admitted, gateHead, serve } from '../scripts/admitted.ts'

const head = lines(
  gateHead('a backup that is under way'),
  raw(`[ "$1" = rsync ] || refuse
shift`),
)

/* Notes what is being served, for `end_gate`; if there is nowhere to note it, the run is over. */
const sayServed = lines(
  bornFunction,
  raw(`born=$(srv_born $$) || born=
true 2>/dev/null >"\${0%/*}/served.$$.$born" || refuse`),
)

/** A folder that may be read, and the name under which it is asked for. */
export interface Readable {
  readonly name: string
  readonly folder: string
}

/** Puts the text where a gate finds it that receives one copy under a name; `body` says where it is written. */
export function intoGate(tag: string, name: string, body: Script): Script {
  return lines(
    sh`tag=${tag} name=${name}`,
    raw(`umask 077
here=$HOME/.ssh/$tag
cat >"$here/new" <<'SRV_LINK_FILE'`),
    body,
    raw(`SRV_LINK_FILE
mv -f "$here/new" "$here/into-$name"`),
  )
}

/* Has rsync write once into the folder for which the run put a text here beforehand, which says where that is. */
const write = raw(`[ "$1" = . ] || refuse
name=\${2%/}
case $name in '' | .* | *[!a-z0-9._-]*) refuse ;; esac
here=\${0%/*}
mv -f "$here/into-$name" "$here/now-$name" 2>/dev/null || refuse
. "$here/now-$name"
exit`)

/**
 * What a keeper may do on a host: have its rsync read these folders, and write where the run waits for a part of a
 * snapshot. For one file of it, rsync names the folders above: R.
 */
export function keeperGate(readable: readonly Readable[]): Script {
  return lines(
    head,
    raw(`if [ "\${2:-}" != --sender ]; then`),
    admitted('receiver', 'R'),
    sayServed,
    write,
    raw('fi'),
    admitted('sender', 'n'),
    raw('case "$*" in'),
    ...readable.map(({ name, folder }) => sh`${`. ${name}/`}) cd ${folder} || exit 9 ;;`),
    raw('*) refuse ;;\nesac'),
    sayServed,
    serve('sender'),
    raw('}'),
  )
}

/**
 * What a host may do on its keeper: have its rsync write once into a folder for which the run put a text here beforehand.
 * That text, and not the caller, says where it is and what it is compared with.
 */
export const hostGate: Script = lines(head, admitted('receiver'), sayServed, write, raw('}'))
