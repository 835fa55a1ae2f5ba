import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Vault } from '../vault.ts'
import { prologue } from './prologue.ts'
import { thereText } from './reading.ts'

/** Prints how many KiB are `free` on the disk of a folder. */
export function freeScript(folder: string): Script {
  return sh`df -Pk ${folder} | awk 'NR == 2 { print "free " $4 }'`
}

/** Prints how many KiB a snapshot, or one path in its data, `takes`: a file with several names once, and of a sparse one what is in it. */
export function takesScript(vault: Pick<Vault, 'base'>, id: string, path?: string): Script {
  return lines(
    prologue(vault),
    sh`id=${id}`,
    thereText,
    raw('cd "$base/$id"'),
    path === undefined ? raw('set -- data\n[ ! -d dumps ] || set -- data dumps') : sh`set -- ${`data/${path}`}`,
    raw(`du -sk "$@" | awk '{ sum += $1 } END { printf "takes %.0f\\n", sum }'`),
  )
}
