import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Vault } from '../vault.ts'
import { toDumps } from './listing.ts'
import { nameInLine } from './manifest-awk.ts'
import { prologue } from './prologue.ts'
import { thereText } from './reading.ts'
import { writtenName } from './written-name.ts'

/** Prints who `user` is whom files are brought for, and in which `groups`, by number. */
export const whoScript: Script = raw(`printf 'user %s\\ngroups %s\\n' "$(id -u)" "$(id -G)"`)

/** A user who is not root, and so cannot give files to others: rsync silently makes them that user's own. */
export interface Limited {
  readonly user: string
  /** Numbers with blanks between them. */
  readonly groups: string
}

/** What is brought of the data. */
export interface Owned {
  /** @default all of them */
  readonly path?: string | undefined
  /** The topmost folder on the way to it that is brought with it, or the path itself. */
  readonly top?: string | undefined
  /** Dumps of files that are loaded, each with its file in the data: where that is not brought, it gets the owner of the dump. */
  readonly dumps?: readonly { readonly dump: string; readonly file: string }[]
}

/** Finds the first entry of a manifest that is brought and is of another owner, or of a group that the user is not in. */
const strangerAwk = String.raw`${nameInLine}
function is_brought(name, type) {
  if (index(name, out) == 1) return 0
  if (below == "" || name == below || index(name, below "/") == 1) return 1
  if (type == "L" && index(name, below " -> ") == 1) return 1
  return type == "d" && index(below "/", name) == 1 && index(name, top "/") == 1
}
BEGIN {
  below = ENVIRON["below"]
  top = ENVIRON["top"]
  count = split(groups, group, " ")
  for (i = 1; i <= count; i++) mine[group[i]] = 1
  count = split(ENVIRON["dumps"], part, "\n")
  for (i = 1; i < count; i += 2) { of[out part[i]] = part[i + 1]; needed[part[i + 1]] = 1 }
}
{
  name = name_in($0)
  if (name in needed) delete needed[name]
  if ($4 == user && ($5 in mine)) next
  if (name in of) late[name] = $4 ":" $5
  if (!is_brought(name, $1)) next
  print "stranger " $4 ":" $5 " " name
  found = 1
  exit
}
END {
  if (found) exit
  for (name in late) if (of[name] in needed) { print "stranger " late[name] " " name; exit }
}`

/** Prints the first `stranger` in what is brought of a snapshot, its owner and group in front of its name. */
export function strangerScript(
  vault: Vault,
  id: string,
  { user, groups }: Limited,
  { path = '', top = path, dumps = [] }: Owned,
): Script {
  const pairs = dumps.flatMap(({ dump, file }) => [writtenName(dump), writtenName(file)])
  return lines(
    prologue(vault),
    sh`id=${id}`,
    thereText,
    sh`dumps=${pairs.join('\n')} below=${writtenName(path)} top=${writtenName(top)} program=${strangerAwk}`,
    raw('export below top dumps'),
    sh`awk -v user=${user} -v groups=${groups} -v out=${toDumps} "$program" "$base/$id/manifest"`,
  )
}
