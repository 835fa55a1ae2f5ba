import { expect, test } from 'vitest'
import { secret, sh } from '../../../src/index.ts'
import { render } from '../../../src/shell/script.ts'
import { dump, fileOf, mysql, postgres, redis, sqlite } from '../../../plugins/rsync-backup/dumps/kinds.ts'
import { dumpSchema, dumpsSchema } from '../../../plugins/rsync-backup/dumps/schema.ts'
import { dumpsScript } from '../../../plugins/rsync-backup/dumps/script.ts'
import { loadDumpsScript } from '../../../plugins/rsync-backup/dumps/load.ts'

const site = { folder: '/f', data: '/d', inside: () => undefined }

function problems(...inputs: readonly unknown[]): readonly string[] {
  const { error } = dumpsSchema.safeParse(inputs)
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []
}

test('each dump has a file of its own', () => {
  const dumps = dumpsSchema.parse([
    postgres(),
    postgres({ database: 'blog', format: 'plain' }),
    mysql({ database: 'shop' }),
    sqlite({ file: 'db/app.sqlite3' }),
    redis(),
    dump({ name: 'ldap', command: 'slapcat', extension: 'ldif' }),
  ])
  expect(dumps.map(fileOf)).toEqual([
    'postgres.dump',
    'blog.sql',
    'shop.sql',
    'db-app.sqlite',
    'redis.rdb',
    'ldap.ldif',
  ])
  expect(problems(sqlite({ file: 'app.db' }), sqlite({ file: 'app.sqlite' }))).toEqual([
    '1: would write dumps/app.sqlite, the same as another dump: give it a name',
  ])
})

test('no dump of PostgreSQL waits for a lock for ever, and each may take so long', () => {
  const dumps = dumpsSchema.parse([postgres(), postgres({ in: 'db', name: 'other', format: 'plain' })])
  const texts = render(dumpsScript(dumps, { ...site, inside: (_name, words) => sh`${words}`, seconds: 90 }), String)
  expect(texts.match(/ --lock-wait-timeout=600000 /g)).toHaveLength(2)
  expect(texts).toContain("within='90 s'")
})

test('whatever a database is called, its file has a plain name without what is secret', () => {
  const databases = [
    'my shop',
    'a"b\\c',
    '../shop',
    'Größe',
    'postgresql://backup:secret@db.example.org/shop?sslmode=require',
    'postgresql://backup:secret@db.example.org',
    "host=db user=backup password=secret dbname='shop' port=5432",
    '/',
  ]
  const files = databases.map((database) => fileOf(dumpSchema.parse(postgres({ database }))))
  expect(files).toEqual([
    'my-shop.dump',
    'a-b-c.dump',
    'shop.dump',
    'Gr-e.dump',
    'shop.dump',
    'postgres.dump',
    'shop.dump',
    'postgres.dump',
  ])
})

test('what cannot work is refused', () => {
  expect(
    problems(
      sqlite({ file: '../app.db' }),
      sqlite({ file: '/app.db' }),
      { kind: 'postgres', password: 'open' },
      postgres({ in: 'db', as: 'postgres' }),
      postgres({ as: 'postgres', password: secret('PASSWORD') }),
      postgres({ database: '--all' }),
      { kind: 'mongo' },
    ),
  ).toEqual([
    '0.file: must be a path in data/, without ..',
    '1.file: must be a path in data/',
    "2.password: must be a secret: password: secret('DB_PASSWORD')",
    '3.as: is a user of the host, and cannot be used with `in`',
    '4.password: cannot be passed on to another user: leave out `as`, or the password',
    '5.database: must be one line that does not begin with -',
    expect.stringMatching(/^6\.kind: /),
  ])
})

test('without a compose project nothing can be dumped in one', () => {
  expect(() => dumpsScript(dumpsSchema.parse([postgres({ in: 'db' })]), site)).toThrow(
    'The dump postgres is to be made in the compose service db, but the service has no compose project.',
  )
})

test('what srv cannot load is refused before anything is loaded', () => {
  expect(() => loadDumpsScript(dumpsSchema.parse([postgres(), dump({ name: 'all', command: 'x' })]), site)).toThrow(
    'srv cannot load the dump all: the config does not say how to load all.dump: give it a `load` command.',
  )
})
