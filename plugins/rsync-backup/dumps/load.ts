import { lines, raw, sh, srvError, type Script } from '../../../src/index.ts'
import { loadCommand } from './commands.ts'
import { fileOf, isFile, nameOf, type Dump, type DumpOf } from './kinds.ts'
import { likeFunctions } from './like.ts'
import { inData, runAs, runCommand } from './run.ts'
import { broken, type DumpSite } from './script.ts'
import { withinFunction } from './within.ts'

/** Why srv does not load a dump, and what to do instead; `undefined` when it does. */
export function whyNotLoadable(one: Dump): string | undefined {
  switch (one.kind) {
    case 'postgres':
    case 'mysql':
    case 'sqlite':
      return undefined
    case 'redis':
      return `Redis reads ${fileOf(one)} when it starts: stop it, put the file in its folder as dump.rdb, move its appendonlydir away, start it`
    case 'dump':
      return one.load === undefined
        ? `the config does not say how to load ${fileOf(one)}: give it a \`load\` command`
        : undefined
  }
}

/**
 * The file is replaced by a rename, and the write-ahead log of the old one is removed; owner and mode stay. Where there is no
 * file, because the copy excludes it, they are taken from the dump, which has those of the original file.
 */
function sqliteText({ file }: DumpOf<'sqlite'>): Script {
  return lines(
    raw(`target=${inData(file)}
folder_like_above "\${target%/*}"
rm -f "$target.srv-new"
if [ -f "$target" ]; then cp -p "$target" "$target.srv-new"; cat "$folder/$file" >"$target.srv-new"
else cat "$folder/$file" >"$target.srv-new"; like "$folder/$file" "$target.srv-new"
fi
sync "$target.srv-new" 2>/dev/null || sync
rm -f "$target-wal" "$target-shm" "$target-journal"
mv -f "$target.srv-new" "$target"`),
  )
}

function text(one: Dump, { inside }: DumpSite): Script {
  if (one.kind === 'sqlite') return sqliteText(one)
  const command = loadCommand(one)
  const reason = whyNotLoadable(one)
  if (command === undefined || reason !== undefined) {
    throw srvError('SRV-651', { dump: nameOf(one), reason: reason ?? 'there is no program for it' })
  }
  return runCommand(one, command, inside, '"$folder/$file"')
}

/**
 * Shell text that puts the dumps in a folder in place of what the databases hold, one after the other; databases that are
 * files must not be in use, and not be behind a link that leads out of the data. It prints `loaded <name>` for each, and
 * ends at the first that fails.
 *
 * @throws SrvError SRV-651 for a dump that srv cannot load: before anything is touched
 */
export function loadDumpsScript(dumps: readonly Dump[], site: DumpSite, mayBeEmpty = false): Script {
  const texts = dumps.map((one) => ({ one, script: text(one, site) }))
  return lines(
    raw('( set -eu\numask 077'),
    sh`folder=${site.folder} data=${site.data}`,
    raw('SRV_DATA=$data; export SRV_DATA'),
    broken,
    runAs,
    likeFunctions,
    withinFunction,
    ...dumps.filter(isFile).map(({ file }) => raw(`within ${inData(file)}`)),
    ...texts.map(
      ({ one }) =>
        sh`[ ${raw(mayBeEmpty ? '-f' : '-s')} "$folder"/${fileOf(one)} ] || { echo ${`the dump ${fileOf(one)} is missing`} >&2; exit 1; }`,
    ),
    ...texts.map(({ one, script }) =>
      lines(
        sh`name=${nameOf(one)} file=${fileOf(one)}`,
        raw('set +e\n( set -eu'),
        script,
        raw(`) >"$folder/.said" 2>&1
code=$?
set -e
[ "$code" = 0 ] || broken "loading $name failed with exit status $code:"
printf 'loaded %s\\n' "$name"`),
      ),
    ),
    raw('rm -f "$folder/.said" "$folder/.unread"\n)'),
  )
}
