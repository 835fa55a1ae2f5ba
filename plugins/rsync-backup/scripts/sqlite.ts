import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Vault } from '../vault.ts'
import { prologue } from './prologue.ts'
import { thereText } from './reading.ts'

/** Suffixes of the files that SQLite keeps beside a database. */
export const besideDatabase = ['-wal', '-shm', '-journal'] as const

/** What SQLite may have written beside a database that is not yet in its file, or has to be taken out of it again. */
export const pending = ['-wal', '-journal'] as const

/** Shell function `is_sqlite PATHS`: whether any of them is a file of an SQLite database (its file format, 1.3). */
export const sqliteFunction: Script = raw(`is_sqlite() {
  for database in "$@"; do
    if [ -f "$database" ] && [ ! -L "$database" ] && [ "$(head -c 15 "$database" | tr -d '\\0')" = 'SQLite format 3' ]; then return 0; fi
  done
  return 1
}`)

/** Prints what lies beside an SQLite database in a snapshot and belongs to it; nothing where the path is none. */
export function pendingScript(vault: Vault, id: string, path: string): Script {
  return lines(
    prologue(vault),
    sh`id=${id} path=${path}`,
    thereText,
    sqliteFunction,
    raw(`cd "$base/$id/data"
if is_sqlite "./$path"; then
  for more in ${pending.join(' ')}; do
    if [ -s "./$path$more" ]; then printf '%s\\n' "\${path##*/}$more"; fi
  done
fi`),
  )
}
