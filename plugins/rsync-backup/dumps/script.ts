import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { dumpCommand } from './commands.ts'
import { fileOf, nameOf, type Dump, type DumpOf } from './kinds.ts'
import { likeFunctions } from './like.ts'
import { watchFunctions } from './limit.ts'
import { inData, runAs, runCommand, type Inside } from './run.ts'

/** Where dumps of a service are made. */
export interface DumpSite {
  /** Absolute path of a folder that is made anew. */
  readonly folder: string
  /** `/srv/<service>/data` */
  readonly data: string
  readonly inside: Inside
  /** After how many seconds a dump is ended. @default never */
  readonly seconds?: number
}

/** Shell function `broken PROBLEM`: ends with what went wrong, and the last lines of what the tool said. */
export const broken: Script = raw(`broken() {
  printf '%s\\n' "$1" >&2
  tail -n 10 "$folder/.said" >&2
  rm -f "$folder/.said"
  exit 1
}`)

/*
 * A reader that stays in one transaction sees the database at one moment, however much is written meanwhile, and never has
 * has to begin anew, as the backup of sqlite3 would by itself with each write of another process: of a busy database it
 * would never end. Without WAL, writers wait for it. The tool would make a missing database: it is asked for first.
 */
function sqliteText(one: DumpOf<'sqlite'>): Script {
  const { file } = one
  const path = raw(inData(file))
  return lines(
    sh`[ -f ${path} ] || { echo ${`there is no ${file} in data/`} >&2; exit 1; }`,
    raw(`command -v sqlite3 >/dev/null || { echo 'there is no sqlite3 here' >&2; exit 127; }
cd "$folder"
sqlite3 -batch -bail ${inData(file)} >/dev/null <<'SRV_SQLITE'
.timeout 60000
BEGIN;
SELECT count(*) FROM sqlite_master;
.backup main ${fileOf(one)}.part
COMMIT;
SRV_SQLITE`),
  )
}

function text(one: Dump, inside: Inside): Script {
  return one.kind === 'sqlite' ? sqliteText(one) : runCommand(one, dumpCommand(one), inside)
}

/** What a file of a kind begins with, where its tool may fail without a status that says so. */
function beginning(one: Dump): string | undefined {
  return one.kind === 'redis' ? 'REDIS' : one.kind === 'sqlite' ? 'SQLite format 3' : undefined
}

function dumpOne(one: Dump, { inside, seconds }: DumpSite, mayBeEmpty: boolean): Script {
  const magic = beginning(one)
  return lines(
    sh`name=${nameOf(one)} file=${fileOf(one)}`,
    raw(seconds === undefined ? ':' : 'watch_dump & watch=$!'),
    raw('set +e\n( set -eu'),
    text(one, inside),
    raw(`) >"$folder/$file.part" 2>"$folder/.said"
code=$?
set -e
stop_watch
[ "$code" = 0 ] || broken "the dump $name failed with exit status $code:"`),
    ...(mayBeEmpty ? [] : [raw('[ -s "$folder/$file.part" ] || broken "the dump $name is empty:"')]),
    ...(magic === undefined
      ? []
      : [
          sh`[ "$(head -c ${magic.length} "$folder/$file.part")" = ${magic} ] || broken "the dump $name is not a file of its kind:"`,
        ]),
    ...(one.kind === 'sqlite' ? [raw(`about_like ${inData(one.file)} "$folder/$file.part"`)] : []),
    raw(`sync "$folder/$file.part" 2>/dev/null || sync
mv -f "$folder/$file.part" "$folder/$file"
printf 'dumped %s %s\\n' "$name" "$(($(wc -c <"$folder/$file")))"`),
  )
}

/**
 * Shell text that makes dumps of databases on the host where they are, into a fresh folder for its owner alone, and
 * gives those of files the owner and mode of the file, as far as the user may. It
 * prints `dumped <name> <bytes>` for each. It ends at the first that fails, that takes too long, or that is empty, and says
 * what its tool said.
 *
 * @param mayBeEmpty what is kept of databases that may be new is no backup: then an empty one is what there is
 */
export function dumpsScript(dumps: readonly Dump[], site: DumpSite, mayBeEmpty = false): Script {
  const { folder, data, seconds } = site
  return lines(
    raw('( set -eu\numask 077'),
    sh`folder=${folder} data=${data}`,
    raw(`SRV_DATA=$data; export SRV_DATA
rm -rf "$folder"
mkdir -p "\${folder%/*}"
mkdir "$folder"`),
    broken,
    runAs,
    likeFunctions,
    watchFunctions(seconds),
    ...dumps.map((one) => dumpOne(one, site, mayBeEmpty)),
    raw(`rm -f "$folder/.said"
sync "$folder" 2>/dev/null || sync
)`),
  )
}

/** Shell text that prints, of each dump made on the host itself, `<name> <program>` when that program is not there. */
export function missingTools(dumps: readonly Dump[]): Script {
  const here = dumps.filter((one) => !('in' in one) || one.in === undefined)
  return lines(
    ...here.map((one) => {
      const tools = one.kind === 'sqlite' ? ['sqlite3'] : dumpCommand(one).tools
      if (tools.length === 0) return raw(':')
      const found = raw(tools.map((tool) => `command -v ${tool} >/dev/null`).join(' || '))
      return sh`${found} || echo ${`${nameOf(one)} ${tools.join(' or ')}`}`
    }),
    raw(':'),
  )
}
