import { lines, raw, sh, srvError, type Script } from '../../../src/index.ts'
import { nameOf } from './kinds.ts'
import type { Inside, Served } from './run.ts'

/*
 * What asks a database whether it takes connections. By TCP: while an image makes a new database, a server answers on the
 * socket that is stopped again. It needs no password: a refusal is an answer.
 */
function question(one: Served): string | undefined {
  switch (one.kind) {
    case 'postgres':
      return 'command -v pg_isready >/dev/null || exit 0; pg_isready -q -h 127.0.0.1'
    case 'mysql':
      return 'tool=$(command -v mariadb-admin || command -v mysqladmin) || exit 0; "$tool" --silent --protocol=tcp --host=127.0.0.1 ping'
    case 'redis':
    case 'dump':
      return undefined
  }
}

/** Shell text that waits, for so many seconds at most, until databases in containers that were just started can be talked to. */
export function readyScript(dumps: readonly Served[], inside: Inside, seconds = 60): Script {
  return lines(
    raw(':'),
    ...dumps.flatMap((one) => {
      const text = question(one)
      if (one.in === undefined || text === undefined) return []
      const asked = inside(one.in, ['sh', '-c', text])
      if (asked === undefined) throw srvError('SRV-650', { dump: nameOf(one), inside: one.in })
      return [
        raw('tries=0\nuntil'),
        sh`${asked} >/dev/null 2>&1`,
        raw(`do\n  tries=$((tries + 1))\n  [ "$tries" -lt ${String(seconds)} ] || break\n  sleep 1\ndone`),
      ]
    }),
  )
}
