import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Programs come from the host: an image of them would have to be sent, and no registry can be reached. */
const common = `    build: .
    init: true
    stop_signal: SIGINT
    stop_grace_period: 5s
    tmpfs: [ /tmp ]
    environment: { PATH: "/pg-bin:/usr/bin", PGHOST: /tmp, PGUSER: postgres }
`
const programs = `- /usr:/usr:ro
      - /usr/bin:/bin:ro
      - /usr/lib:/lib:ro
      - /usr/lib64:/lib64:ro
      - /etc/passwd:/etc/passwd:ro
      - POSTGRES:/pg-bin:ro`

const server = `set -eu
chmod 1777 /tmp # a tmpfs has other modes at its second start
chown postgres /pg
chmod 700 /pg
as() { setpriv --reuid=postgres --regid="$(id -g postgres)" --clear-groups "$@"; }
if [ ! -s /pg/PG_VERSION ]; then
  as initdb -D /pg -U postgres -A trust --no-locale -N >/dev/null
  echo 'host all all all trust' >>/pg/pg_hba.conf
fi
exec setpriv --reuid=postgres --regid="$(id -g postgres)" --clear-groups \\
  postgres -D /pg -k /tmp -c listen_addresses='*' -c fsync=off
`

/** In no moment do the two amounts differ from zero in sum, and each transaction adds an entry; the machine keeps some of its time. */
const writer = `set -u
export PGHOST=db
until psql -Xqc 'create table if not exists accounts (id int primary key, amount int); create table if not exists entries (id serial primary key, filling text); insert into accounts values (1, 0), (2, 0) on conflict do nothing'; do sleep 0.2; done
sql() { sqlite3 -cmd '.timeout 20000' /data/app.sqlite "$1"; }
sql 'pragma journal_mode=wal; create table if not exists accounts (id integer primary key, amount int); create table if not exists entries (filling text); insert or ignore into accounts values (1, 0), (2, 0)'
while :; do
  psql -Xq <<'SQL'
begin; update accounts set amount = amount - 1 where id = 1; insert into entries (filling) select md5(i::text) from generate_series(1, 50) i; update accounts set amount = amount + 1 where id = 2; commit;
SQL
  sql 'begin immediate; update accounts set amount = amount - 1 where id = 1; insert into entries values (hex(randomblob(500))); update accounts set amount = amount + 1 where id = 2; commit;'
  sleep 0.05
done
`

/** Writes a compose project of a PostgreSQL, and of a writer who never stops writing to it and to an SQLite. */
export function writeDatabaseProject(folder: string, postgres: string): void {
  mkdirSync(folder, { recursive: true })
  copyFileSync('/bin/busybox', join(folder, 'busybox'))
  const files: Readonly<Record<string, string>> = {
    Dockerfile: 'FROM scratch\nCOPY busybox /bin/busybox\nCOPY server.sh writer.sh /\n',
    'server.sh': server,
    'writer.sh': writer,
    'compose.yaml': `services:
  db:
${common}    command: [ "/bin/sh", "/server.sh" ]
    healthcheck: { test: [ "CMD", "pg_isready", "-q", "-h", "127.0.0.1" ], interval: 0.5s, start_period: 60s }
    volumes:
      ${programs}
      - \${SRV_DATA}/pg:/pg
  web:
${common}    command: [ "/bin/sh", "/writer.sh" ]
    depends_on: { db: { condition: service_healthy } }
    volumes:
      ${programs}
      - \${SRV_DATA}:/data
`.replaceAll('POSTGRES', postgres),
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
}
