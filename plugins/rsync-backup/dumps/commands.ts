import { quote, type Secret } from '../../../src/index.ts'
import { emptyPostgres, halfPostgres } from './empty-postgres.ts'
import type { Dump, DumpOf } from './kinds.ts'

/** Shell text that runs beside a database: on the host, or inside its container. */
export interface Command {
  /** For POSIX shells. Values in it are quoted. */
  readonly text: string
  /** What it needs in its environment and nobody may see in a list of processes. */
  readonly secrets: readonly (readonly [name: string, value: Secret])[]
  /** Programs of which one has to be there. */
  readonly tools: readonly string[]
}

function secretly(name: string, value: Secret | undefined): Command['secrets'] {
  return value === undefined ? [] : [[name, value]]
}

function option(flag: string, value: string | number | undefined): string {
  return value === undefined ? '' : ` ${flag}${quote(String(value))}`
}

/** `tool` becomes the first of some programs that is there. */
function firstOf(tools: readonly string[]): string {
  const found = tools.map((one) => `command -v ${one}`).join(' || ')
  return `tool=$(${found}) || { echo ${quote(`there is no ${tools.join(' and no ')} here`)} >&2; exit 127; }`
}

/** How PostgreSQL's programs are told where to go. An image of it says by its environment which user and database it made. */
function postgresPlace({ in: inside, user, host, port, database }: DumpOf<'postgres'>): {
  place: string
  into: string
} {
  const isInside = inside !== undefined
  const who =
    user === undefined ? (isInside ? ' --username="${POSTGRES_USER:-postgres}"' : '') : option('--username=', user)
  const guess = isInside
    ? '"${POSTGRES_DB:-${POSTGRES_USER:-postgres}}"'
    : `"\${PGDATABASE:-${user === undefined ? '${PGUSER:-$(id -un)}' : quote(user)}}"`
  const into = database === undefined ? guess : quote(database)
  return { place: ` --no-password${option('--host=', host)}${option('--port=', port)}${who}`, into }
}

function postgresDump(one: DumpOf<'postgres'>): Command {
  const { place, into } = postgresPlace(one)
  const tools = ['pg_dump']
  // A lock that another holds is waited for 10 min, each: the milliseconds are understood by every version.
  const patience = '--lock-wait-timeout=600000'
  // Plain text says itself what it replaces; of the other format, pg_restore does.
  const format = one.format === 'plain' ? '--format=plain --clean --if-exists' : '--format=custom'
  const text = `${firstOf(tools)}\n"$tool" ${format} ${patience}${place} --dbname=${into}`
  return { text, secrets: secretly('PGPASSWORD', one.password), tools }
}

/*
 * Emptied and loaded in one transaction of psql: alone, pg_restore replaces what the dump names, and fails where something newer
 * refers to it. Where it cannot read the dump, what it has written by then must not count.
 */
function postgresLoad(one: DumpOf<'postgres'>): Command {
  const { place, into } = postgresPlace(one)
  const isPlain = one.format === 'plain'
  const tools = isPlain ? ['psql'] : ['pg_restore', 'psql']
  const how = '--no-psqlrc --quiet --output=/dev/null --set=ON_ERROR_STOP=1 --single-transaction'
  const written = isPlain ? 'cat' : '"$restore" --clean --if-exists --file=/dev/stdout'
  const text = `${tools.map((tool) => firstOf([tool])).join('\nrestore=$tool\n')}
{
  printf '%s\\n' ${quote(emptyPostgres)}
  ${written} || printf '%s\\n' ${quote(halfPostgres)}
} | "$tool" ${how}${place} --dbname=${into}`
  return { text, secrets: secretly('PGPASSWORD', one.password), tools }
}

/** An image of MariaDB or MySQL has the password of root in its environment. */
function mysqlPlace({ in: inside, user, host, port, password }: DumpOf<'mysql'>): { before: string; place: string } {
  const isRoot = inside !== undefined && (user === undefined || user === 'root')
  const before =
    isRoot && password === undefined
      ? 'MYSQL_PWD=${MARIADB_ROOT_PASSWORD:-${MYSQL_ROOT_PASSWORD:-}}; [ -z "$MYSQL_PWD" ] || export MYSQL_PWD\n'
      : ''
  const who = option('--user=', user ?? (isRoot ? 'root' : undefined))
  return { before, place: `${option('--host=', host)}${option('--port=', port)}${who}` }
}

function mysqlDump(one: DumpOf<'mysql'>): Command {
  const { before, place } = mysqlPlace(one)
  const tools = ['mariadb-dump', 'mysqldump']
  const what = one.database === undefined ? '--all-databases' : quote(one.database)
  const how = '--single-transaction --quick --routines --events --triggers --hex-blob --no-tablespaces'
  const text = `${before}${firstOf(tools)}\n"$tool"${place} ${how} ${what}`
  return { text, secrets: secretly('MYSQL_PWD', one.password), tools }
}

function mysqlLoad(one: DumpOf<'mysql'>): Command {
  const { before, place } = mysqlPlace(one)
  const tools = ['mariadb', 'mysql']
  const text = `${before}${firstOf(tools)}\n"$tool"${place} --batch${option('', one.database)}`
  return { text, secrets: secretly('MYSQL_PWD', one.password), tools }
}

/** redis-cli writes to a file only, and its exit status does not tell everything. */
function redisDump({ in: inside, user, host, port, password }: DumpOf<'redis'>): Command {
  const tools = ['redis-cli', 'valkey-cli']
  const place = `${option('-h ', host)}${option('-p ', port)}${option('--user ', user)}`
  const text = `${firstOf(tools)}
file=$(mktemp${inside === undefined ? ' "${TMPDIR:-/var/tmp}/srv.XXXXXX"' : ''})
code=0
"$tool"${place} --rdb "$file" >&2 && cat "$file" || code=$?
rm -f "$file"
exit "$code"`
  return { text, secrets: secretly('REDISCLI_AUTH', password), tools }
}

/** A shell that says so when a part of a pipe fails is not the first one everywhere: Debian's cannot. */
function strictly(command: string): string {
  const complaint = 'no shell here can tell when part of a pipe fails: install bash'
  return `shell=
for one in sh bash 'busybox sh'; do
  if $one -c 'set -o pipefail' >/dev/null 2>&1; then shell="$one -o pipefail"; break; fi
done
${command.includes('|') ? `[ -n "$shell" ] || { echo ${quote(complaint)} >&2; exit 1; }` : '[ -n "$shell" ] || shell=sh'}
$shell -ec ${quote(command)}`
}

/** What prints a dump; nothing for a database that is a file, which is copied by its own path. */
export function dumpCommand(one: Exclude<Dump, DumpOf<'sqlite'>>): Command {
  switch (one.kind) {
    case 'postgres':
      return postgresDump(one)
    case 'mysql':
      return mysqlDump(one)
    case 'redis':
      return redisDump(one)
    case 'dump':
      return { text: strictly(one.command), secrets: [], tools: [] }
  }
}

/** What reads a dump on standard input and puts it in place of what is there; nothing where there is no such program. */
export function loadCommand(one: Exclude<Dump, DumpOf<'sqlite'>>): Command | undefined {
  switch (one.kind) {
    case 'postgres':
      return postgresLoad(one)
    case 'mysql':
      return mysqlLoad(one)
    case 'redis':
      return undefined
    case 'dump':
      return one.load === undefined ? undefined : { text: strictly(one.load), secrets: [], tools: [] }
  }
}
