import { lines, raw, sh, type Paths, type Script } from '../../../src/index.ts'
import { realFunction } from './owner.ts'

/**
 * Fails where a new folder would be in the live data, the releases or the records of its service, or among snapshots, also where a
 * link leads there: what is written there damages them. Snapshots are told by what lies beside them as well, because any
 * machine may keep those of others.
 */
export function elsewhereScript(
  folder: string,
  { service, data, state }: Pick<Paths, 'service' | 'data' | 'state'>,
  kept: readonly string[],
): Script {
  const closed = [data, state, `${service}/instances`, ...kept]
  return lines(
    realFunction,
    sh`folder=${folder}`,
    raw(`to=$(real "$folder")
refuse() { printf '%s is inside %s, where nothing else may be: name another folder with --to\\n' "$folder" "$1" >&2; exit 1; }
closed() {
  for one in "$@"; do
    inside=$(real "$one")
    case $to/ in "$inside"/*) refuse "$one" ;; esac
  done
}`),
    sh`closed ${closed}`,
    raw(`at=$to
while [ -n "$at" ]; do
  if [ -e "$at/snapshot.json" ]; then refuse "the snapshot $at"; fi
  if [ -e "$at/.lock" ] && { [ -e "$at/owner" ] || [ -L "$at/latest" ]; }; then refuse "the snapshots in $at"; fi
  at=\${at%/*}
done`),
  )
}
