import { execFileSync, spawn } from 'node:child_process'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { env } from 'node:process'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { raw, secret, sh, type Script } from '../../../src/index.ts'
import { dump, mysql, postgres, redis, sqlite, type DumpInput } from '../../../plugins/rsync-backup/dumps/kinds.ts'
import { dumpsSchema } from '../../../plugins/rsync-backup/dumps/schema.ts'
import { dumpsScript, missingTools } from '../../../plugins/rsync-backup/dumps/script.ts'
import { loadDumpsScript } from '../../../plugins/rsync-backup/dumps/load.ts'
import type { Inside } from '../../../plugins/rsync-backup/dumps/run.ts'
import { temporaryFolder } from '../tasks/folder.ts'
import { kinds, runScript, startScript, type Ran } from '../tasks/shell.ts'
import { isRoot, postgresPrograms, startMariadb, startPostgres, startRedis, type Server } from './servers.ts'
import { isRunning } from '../../support/processes.ts'
import { hasPrograms } from '../../support/programs.ts'

const password = `it's a "p$word`
const hidden = secret('DB_PASSWORD')

/** The shells of hosts, each with the database programs of this machine. */
const hosts = kinds().map((kind) => ({ ...kind, path: `${kind.path}:${env['PATH'] ?? ''}` }))

/** A service in a folder; what stands for its containers are programs here, in an environment of their own. */
function service(
  host: (typeof hosts)[number],
  inputs: readonly DumpInput[],
  variables: readonly string[] = [],
  seconds?: number,
) {
  const root = temporaryFolder()
  const data = join(root, 'data')
  const folder = join(root, 'dumps')
  mkdirSync(data)
  const dumps = dumpsSchema.parse(inputs)
  const words: string[] = []
  const inside: Inside = (name, given, { input = false } = {}) => {
    words.push(name, ...given)
    return sh`(env -i PATH="$PATH" ${variables} ${given}${raw(input ? '' : ' </dev/null')})`
  }
  const site = { folder, data, inside, ...(seconds === undefined ? {} : { seconds }) }
  const run = (script: Script): Promise<Ran> => runScript(script, host, { DB_PASSWORD: password })
  return {
    data,
    folder,
    words,
    dumping: dumpsScript(dumps, site),
    dump: () => run(dumpsScript(dumps, site)),
    load: () => run(loadDumpsScript(dumps, site)),
    missing: () => run(missingTools(dumps)),
  }
}

const ok = (stdout: string): unknown => ({
  code: 0,
  stdout: expect.stringMatching(new RegExp(`^${stdout}\n$`)),
  stderr: '',
})

describe.skipIf(!isRoot || postgresPrograms() === undefined).each(hosts)('PostgreSQL on $name', (host) => {
  let server: Server
  beforeAll(async () => {
    server = await startPostgres(password)
    server.ask('create role blog login; create database blog owner blog')
    server.ask(`alter role blog password '${password.replaceAll("'", "''")}'`)
    server.ask(
      'set role blog; create table words (id serial primary key, word text); insert into words (word) select md5(i::text) from generate_series(1, 5000) i',
      'blog',
    )
    return () => {
      server.stop()
    }
  })

  const count = (): string => server.ask('select count(*), max(word) from words', 'blog')
  /** What refers to what is loaded, and was made since. */
  const later = [
    'set role blog; delete from words',
    `create type mood as enum ('glad')`,
    'create table later (id int references words, mood mood)',
    'create view lengths as select id, length(word) from words',
    `create function one(mood) returns words language sql as 'select * from words limit 1'`,
    'drop schema if exists extra; create schema extra; create table extra.more (id int generated always as identity, word int references words)',
  ].join('; ')
  const names = (): string =>
    server.ask(
      `select string_agg(name, ' ' order by name) from (
        select relname, relnamespace from pg_class union select proname, pronamespace from pg_proc
        union select typname, typnamespace from pg_type where typtype = 'e'
      ) as found (name, space) where space in ('public'::regnamespace, coalesce(to_regnamespace('extra'), 'public'::regnamespace))`,
      'blog',
    )
  const variants: readonly [string, (of: Server) => DumpInput, (readonly string[])?][] = [
    [
      'by its socket, as another user',
      ({ folder, port }) => postgres({ database: 'blog', as: 'postgres', host: folder, port }),
    ],
    [
      'with a password, as plain text',
      ({ port }) =>
        postgres({ database: 'blog', user: 'blog', host: '127.0.0.1', port, password: hidden, format: 'plain' }),
    ],
    [
      'in a container, with a password',
      ({ port }) => postgres({ in: 'db', database: 'blog', user: 'blog', host: '127.0.0.1', port, password: hidden }),
    ],
    [
      'in a container, by what its image was told',
      ({ port }) => postgres({ name: 'blog', in: 'db', host: '127.0.0.1', port }),
      ['POSTGRES_USER=blog', 'POSTGRES_DB=blog', `PGPASSWORD=${password}`],
    ],
  ]
  test.each(variants)('is dumped and loaded %s', async (_title, input, variables) => {
    const before = count()
    const blog = service(host, [input(server)], variables)
    expect(await blog.dump()).toEqual(ok('dumped blog \\d+'))
    expect(statSync(blog.folder).mode & 0o777).toBe(0o700)
    server.ask(later, 'blog')
    expect(await blog.load()).toEqual(ok('loaded blog'))
    expect(count()).toBe(before)
    expect(names()).toBe('words words_id_seq words_pkey')
    expect(blog.words.join(' ')).not.toContain(password)
  })

  test('a failing dump ends the script with what the tool said, and leaves no file of it', async () => {
    const { folder, port } = server
    const good = dump({ name: 'first', command: 'echo one' })
    const bad = postgres({ database: 'none', as: 'postgres', host: folder, port })
    const last = dump({ name: 'last', command: 'echo one' })
    const blog = service(host, [good, bad, last])
    expect(await blog.dump()).toEqual({
      code: 1,
      stdout: 'dumped first 4\n',
      stderr: expect.stringMatching(
        /^the dump none failed with exit status 1:\npg_dump: error: .*database "none" does not exist\n$/,
      ),
    })
    expect(readdirSync(blog.folder).sort()).toEqual(['first.dump', 'none.dump.part'])
  })

  test('a load that fails changes nothing', async () => {
    const before = count()
    const { folder, port } = server
    const blog = service(host, [postgres({ database: 'blog', as: 'postgres', host: folder, port })])
    await blog.dump()
    const file = join(blog.folder, 'blog.dump')
    writeFileSync(file, readFileSync(file).subarray(0, -2000))
    const { code, stdout, stderr } = await blog.load()
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /^loading blog failed with exit status 3:\npg_restore: error: .*\n(.*\n)*.*ERROR: {2}the dump could not be read\n/,
    )
    expect(count()).toBe(before)
  })
})

describe.skipIf(!isRoot || !hasPrograms('mariadbd')).each(hosts)('MariaDB on $name', (host) => {
  let server: Server
  beforeAll(async () => {
    server = await startMariadb(password.replaceAll("'", "''"))
    server.ask(
      'create database blog; create table blog.words (id int primary key, word blob); insert into blog.words select seq, unhex(sha1(seq)) from blog.seq_1_to_2000',
    )
    return () => {
      server.stop()
    }
  })

  const sum = (): string => server.ask('select count(*), sum(crc32(word)) from blog.words')
  const place = () => ({ user: 'backup', host: '127.0.0.1', port: server.port, password: hidden })
  const variants: readonly [string, () => DumpInput, string][] = [
    ['one database', () => mysql({ database: 'blog', ...place() }), 'blog'],
    ['all of them', () => mysql(place()), 'mysql'],
    ['one in a container', () => mysql({ database: 'blog', in: 'db', ...place() }), 'blog'],
  ]
  test.each(variants)('%s is dumped and loaded', async (_title, input, name) => {
    const before = sum()
    const blog = service(host, [input()])
    expect(await blog.dump()).toEqual(ok(`dumped ${name} \\d+`))
    server.ask('delete from blog.words where id > 3')
    expect(await blog.load()).toEqual(ok(`loaded ${name}`))
    expect(sum()).toBe(before)
    expect(blog.words.join(' ')).not.toContain(password)
  })

  test('a wrong password is a failed dump', async () => {
    const blog = service(host, [mysql({ ...place(), database: 'blog', user: 'nobody' })])
    const { code, stdout, stderr } = await blog.dump()
    expect({ code, stdout, first: stderr.split('\n')[0] }).toEqual({
      code: 1,
      stdout: '',
      first: 'the dump blog failed with exit status 2:',
    })
    expect(stderr).toContain("Access denied for user 'nobody'")
  })
})

describe.skipIf(!hasPrograms('redis-server')).each(hosts)('Redis on $name', (host) => {
  let server: Server
  beforeAll(async () => {
    server = await startRedis(password)
    server.ask('set word one')
    return () => {
      server.stop()
    }
  })

  test.each([undefined, 'cache'])('is fetched as a file that a server reads (in: %s)', async (container) => {
    const input = redis({
      host: '127.0.0.1',
      port: server.port,
      password: hidden,
      ...(container === undefined ? {} : { in: container }),
    })
    const blog = service(host, [input])
    expect(await blog.dump()).toEqual(ok('dumped redis \\d+'))
    expect(execFileSync('redis-check-rdb', [join(blog.folder, 'redis.rdb')], { encoding: 'utf8' })).toContain(
      'RDB looks OK',
    )
    expect(blog.words.join(' ')).not.toContain(password)
    expect(() => blog.load()).toThrow(/^srv cannot load the dump redis: Redis reads redis.rdb when it starts/)
  })

  test('without its password there is no dump', async () => {
    const blog = service(host, [redis({ host: '127.0.0.1', port: server.port })])
    const { code, stdout, stderr } = await blog.dump()
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('NOAUTH')
  })
})

describe.skipIf(!hasPrograms('sqlite3')).each(hosts)('SQLite on $name', (host) => {
  const ask = (file: string, statements: string): string =>
    execFileSync('sqlite3', [file, statements], { encoding: 'utf8' }).trim()

  test.each(['wal', 'delete'])('is one moment of a database that is being written to, in mode %s', async (mode) => {
    const blog = service(host, [sqlite({ file: "db/it's.sqlite" })])
    mkdirSync(join(blog.data, 'db'))
    const file = join(blog.data, "db/it's.sqlite")
    ask(
      file,
      `pragma journal_mode=${mode}; create table pairs (a int, b int, filling blob); with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000) insert into pairs select 1, 1, randomblob(2000) from n`,
    )
    // Both columns change in one transaction: in no moment do their sums differ.
    const writer = spawn(
      'sh',
      [
        '-c',
        `while :; do sqlite3 -cmd '.timeout 60000' "$1" 'begin immediate; update pairs set a = a + 1 where rowid % 50 = 0; update pairs set b = b + 1 where rowid % 50 = 0; commit;'; done`,
        'sh',
        file,
      ],
      { detached: true, stdio: 'ignore' },
    )
    onTestFinished(() => {
      process.kill(-writer.pid!)
    })
    const changed = (): string =>
      execFileSync('sqlite3', ['-cmd', '.timeout 60000', file, 'select max(a) > 3 from pairs'], {
        encoding: 'utf8',
      }).trim()
    await expect.poll(changed, { timeout: 30_000 }).toBe('1')
    expect(await blog.dump()).toEqual(ok('dumped db-it-s \\d+'))
    const copy = join(blog.folder, 'db-it-s.sqlite')
    expect(ask(copy, 'pragma integrity_check; select sum(a) = sum(b), count(*), sum(a) > 3000 from pairs')).toBe(
      'ok\n1|3000|1',
    )
  })

  test('comes back with its owner and mode, and without what was written ahead', async () => {
    const blog = service(host, [sqlite({ file: 'app.db' })])
    const file = join(blog.data, 'app.db')
    ask(file, 'create table words (word); insert into words values (1)')
    execFileSync('chmod', ['640', file])
    if (isRoot) execFileSync('chown', ['1:1', file])
    await blog.dump()
    ask(file, 'insert into words values (2)')
    writeFileSync(`${file}-journal`, 'of the old one')
    expect(await blog.load()).toEqual(ok('loaded app'))
    expect(ask(file, 'select word from words')).toBe('1')
    const { mode, uid } = statSync(file)
    expect([(mode & 0o777).toString(8), uid]).toEqual(['640', isRoot ? 1 : uid])
    expect(readdirSync(blog.data)).toEqual(['app.db'])
  })

  test('comes back with its owner and mode where it is no more, in folders like those above them', async () => {
    const blog = service(host, [sqlite({ file: 'own/db/deep/app.db' })])
    const file = join(blog.data, 'own/db/deep/app.db')
    mkdirSync(join(file, '..'), { recursive: true })
    ask(file, 'create table words (word); insert into words values (1)')
    execFileSync('chmod', ['640', file])
    execFileSync('chmod', ['2750', join(blog.data, 'own')])
    if (isRoot) {
      execFileSync('chown', ['1:2', file])
      execFileSync('chown', ['3:4', join(blog.data, 'own')])
    }
    await blog.dump()
    rmSync(join(blog.data, 'own/db'), { recursive: true })
    expect(await blog.load()).toEqual(ok('loaded own-db-deep-app'))
    expect(ask(file, 'select word from words')).toBe('1')
    const found = ['own/db', 'own/db/deep', 'own/db/deep/app.db'].map((path) => {
      const { mode, uid, gid } = statSync(join(blog.data, path))
      return [(mode & 0o7777).toString(8), ...(isRoot ? [uid, gid] : [])]
    })
    const ids = (...both: readonly number[]): readonly number[] => (isRoot ? both : [])
    expect(found).toEqual([
      ['2750', ...ids(3, 4)],
      ['2750', ...ids(3, 4)],
      ['640', ...ids(1, 2)],
    ])
  })

  test('is not loaded to where a link leads out of the data, and is behind one that does not', async () => {
    const blog = service(host, [sqlite({ file: 'db/app.db' })])
    const live = join(blog.data, '../live')
    for (const folder of [live, join(blog.data, 'real')]) mkdirSync(folder)
    ask(join(live, 'app.db'), 'create table words (word); insert into words values (1)')
    symlinkSync(live, join(blog.data, 'db'))
    await blog.dump()
    ask(join(live, 'app.db'), 'insert into words values (2)')
    writeFileSync(join(live, 'app.db-wal'), '')
    expect(await blog.load()).toEqual({
      code: 1,
      stdout: '',
      stderr: `data/db leads out of the data, to ${realpathSync(live)}: loading app.db there would replace a file that is in use\n`,
    })
    expect(readdirSync(live)).toEqual(['app.db', 'app.db-wal'])
    expect(ask(join(live, 'app.db'), 'select count(*) from words')).toBe('2')
    rmSync(join(blog.data, 'db'))
    symlinkSync('real', join(blog.data, 'db'))
    expect(await blog.load()).toEqual(ok('loaded db-app'))
    expect(ask(join(blog.data, 'real/app.db'), 'select count(*) from words')).toBe('1')
    rmSync(join(blog.data, 'db'))
    symlinkSync('nowhere', join(blog.data, 'db'))
    expect(await blog.load()).toEqual({ code: 1, stdout: '', stderr: 'data/db is no folder\n' })
  })

  test('a database that is not there is not made', async () => {
    const blog = service(host, [sqlite({ file: 'none.db' })])
    expect(await blog.dump()).toEqual({
      code: 1,
      stdout: '',
      stderr: 'the dump none failed with exit status 1:\nthere is no none.db in data/\n',
    })
    expect(readdirSync(blog.data)).toEqual([])
  })
})

describe.each(hosts)('commands on $name', (host) => {
  test('every part of a pipe counts, on the host and in a container', async () => {
    for (const more of [{}, { in: 'app' }]) {
      const blog = service(host, [
        dump({ name: 'pipe', command: '{ echo half; echo no disk >&2; exit 3; } | cat', ...more }),
      ])
      expect(await blog.dump()).toEqual({
        code: 1,
        stdout: '',
        stderr: 'the dump pipe failed with exit status 3:\nno disk\n',
      })
    }
  })

  test('an empty dump is a failure', async () => {
    const blog = service(host, [dump({ name: 'nothing', command: 'echo told nothing >&2' })])
    expect(await blog.dump()).toEqual({ code: 1, stdout: '', stderr: 'the dump nothing is empty:\ntold nothing\n' })
  })

  test('a dump that does not end is ended with all that it started, and said to be', async () => {
    const command = 'echo waiting for a lock >&2; sleep 3217 & echo $! >"$SRV_DATA/pid"; wait'
    const blog = service(host, [dump({ name: 'db', command }), dump({ name: 'last', command: 'echo one' })], [], 2)
    const { stdout, stderr } = await blog.dump()
    expect([stdout, stderr]).toEqual(['', 'the dump db did not end within 2 s:\nwaiting for a lock\n'])
    const pid = Number(readFileSync(join(blog.data, 'pid'), 'utf8'))
    await expect.poll(() => isRunning(pid)).toBe(false)
  })

  test('nothing watches a dump that has ended', async () => {
    const blog = service(host, [dump({ name: 'all', command: 'echo one' })], [], 3600)
    const { group, ran } = startScript(blog.dumping, host)
    expect(await ran).toEqual(ok('dumped all 4'))
    const left = (): readonly string[] =>
      execFileSync('ps', ['-e', '-o', 'pgid=,stat=,args='], { encoding: 'utf8' })
        .split('\n')
        .filter((line) => new RegExp(`^ *${String(group)} [^Z]`).test(line))
    await expect.poll(left).toEqual([])
  })

  test('what an earlier run left goes, and what is dumped is loaded', async () => {
    const keep = dump({ name: 'all', command: 'cat "$SRV_DATA/a"', extension: 'txt', load: 'cat >"$SRV_DATA/b"' })
    const blog = service(host, [keep])
    mkdirSync(blog.folder)
    writeFileSync(join(blog.folder, 'old.dump'), 'old')
    writeFileSync(join(blog.data, 'a'), 'one\n')
    expect(await blog.dump()).toEqual(ok('dumped all 4'))
    expect(readdirSync(blog.folder)).toEqual(['all.txt'])
    expect(await blog.load()).toEqual(ok('loaded all'))
    expect(readFileSync(join(blog.data, 'b'), 'utf8')).toBe('one\n')
  })
})

test('programs that are missing are named', async () => {
  const blog = service({ ...hosts[0]!, path: '/nonexistent' }, [
    postgres(),
    postgres({ in: 'db', name: 'other' }),
    mysql(),
    sqlite({ file: 'a.db' }),
    dump({ name: 'all', command: 'true' }),
  ])
  expect((await blog.missing()).stdout).toBe('postgres pg_dump\nmysql mariadb-dump or mysqldump\na sqlite3\n')
})
