import type { z } from 'zod'
import type { dumpSchema } from './schema.ts'

/** What a config says of a dump: made by one of the functions here, and checked when the plugin is set up. */
export type DumpInput = z.input<typeof dumpSchema>
/** A dump after it was checked, with its defaults. */
export type Dump = z.output<typeof dumpSchema>
/** A dump of one kind. */
export type DumpOf<K extends Dump['kind']> = Extract<Dump, { readonly kind: K }>

type Options<K extends Dump['kind']> = Omit<Extract<DumpInput, { readonly kind: K }>, 'kind'>

/**
 * Dumps a PostgreSQL database by pg_dump, in one moment and without stopping anything. Without `database` it is the one
 * that psql would go to; in a compose service, the one that the image was told to make.
 *
 * @example dumps: [postgres({ in: 'db' }), postgres({ database: 'blog', as: 'postgres' })]
 */
export function postgres(options: Options<'postgres'> = {}): DumpInput {
  return { kind: 'postgres', ...options }
}

/**
 * Dumps a MariaDB or MySQL database, or all of a server, by mariadb-dump or mysqldump: in one moment for tables of InnoDB.
 *
 * @example dumps: [mysql({ in: 'db', password: secret('DB_PASSWORD') })]
 */
export function mysql(options: Options<'mysql'> = {}): DumpInput {
  return { kind: 'mysql', ...options }
}

/**
 * Copies an SQLite database in `data/` in one moment. With `PRAGMA journal_mode=WAL` others write meanwhile; without it
 * they wait until all of it is copied, as for any reader.
 *
 * @example dumps: [sqlite({ file: 'app.sqlite' })]
 */
export function sqlite(options: Options<'sqlite'>): DumpInput {
  return { kind: 'sqlite', ...options }
}

/** Fetches the data of a Redis server as a file in its own format, by `redis-cli --rdb`. */
export function redis(options: Options<'redis'> = {}): DumpInput {
  return { kind: 'redis', ...options }
}

/**
 * Keeps what a command prints. A part of a pipe in it that fails is a failure of the dump.
 *
 * @example dumps: [dump({ name: 'ldap', command: 'slapcat | gzip', extension: 'ldif.gz' })]
 */
export function dump(options: Options<'dump'>): DumpInput {
  return { kind: 'dump', ...options }
}

/** Part of a file name, and a word in a manifest and in messages. */
function wordOf(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '')
}

/** The name in what says where a database is: a name, a URI, or words such as `dbname=shop`, which may have a password in them. */
function databaseIn(said: string): string {
  const [, path] = /^[a-z]+:\/\/[^/?]*(?:\/([^?]*))?/i.exec(said) ?? []
  if (said.includes('://')) return path ?? ''
  return said.includes('=') ? (/\bdbname\s*=\s*'?([^\s']+)/.exec(said)?.[1] ?? '') : said
}

function stem({ kind, ...one }: Dump): string {
  if (one.name !== undefined) return one.name
  if ('file' in one) return wordOf(one.file.replace(/\.[^./]*$/, '')) || kind
  const database = 'database' in one ? one.database : undefined
  return wordOf(databaseIn(database ?? '')) || kind
}

/** Whether a dump is of a database that is a file, and not a server. */
export function isFile(one: Dump): one is DumpOf<'sqlite'> {
  return one.kind === 'sqlite'
}

/** The name of a dump in messages. */
export function nameOf(one: Dump): string {
  return stem(one)
}

/** The name of its file in `dumps/`: no two dumps of a service may have the same. */
export function fileOf(one: Dump): string {
  switch (one.kind) {
    case 'postgres':
      return `${stem(one)}.${one.format === 'plain' ? 'sql' : 'dump'}`
    case 'mysql':
      return `${stem(one)}.sql`
    case 'sqlite':
      return `${stem(one)}.sqlite`
    case 'redis':
      return `${stem(one)}.rdb`
    case 'dump':
      return `${stem(one)}.${one.extension}`
  }
}
