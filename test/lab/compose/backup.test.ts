import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeLab, lab, onHost } from '../hosts.ts'
import { inventoryText, labFolder, runEnd, transcript, type LabFolder, type Outcome } from '../project.ts'
import { writeDatabaseProject } from './database.ts'
import { containers, first, removeProjects, second } from './project.ts'

const service = 'lab-backup'
const tank = `/var/${service}`

describeLab('backing up a compose project that is written to', () => {
  let project: LabFolder

  async function srv(...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--json'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    return outcome
  }
  const psql = (text: string): Promise<string> => onHost(first(), `docker exec ${service}-db-1 psql -XAtqc "${text}"`)
  const sqlite = (text: string, file = `/srv/${service}/data/app.sqlite`): Promise<string> =>
    onHost(first(), `sqlite3 -cmd '.timeout 20000' ${file} "${text}"`)
  const states = async (): Promise<readonly string[]> =>
    (await containers(first(), service)).map((line) => line.split(' ').slice(0, 2).join(' '))
  const count = 'select count(*) from entries'
  /** Waits until the writer has written more to both. */
  async function writes(): Promise<void> {
    const [one, other] = [Number(await psql(count)), Number(await sqlite(count))]
    await expect.poll(async () => Number(await psql(count)), { timeout: 60_000, interval: 500 }).toBeGreaterThan(one)
    await expect
      .poll(async () => Number(await sqlite(count)), { timeout: 60_000, interval: 500 })
      .toBeGreaterThan(other)
  }

  /** What holds of the databases of a rehearsal: every transfer is in one transaction, so that the sum is always 0. */
  const proven = [
    `[ "$(docker exec "$SRV_PROJECT-db-1" psql -XAtqc 'select sum(amount), count(*) > 0 from accounts')" = '0|t' ]`,
    `[ "$(sqlite3 "$SRV_DATA/app.sqlite" 'pragma integrity_check; select sum(amount) from accounts' | tr '\\n' ' ')" = 'ok 0 ' ]`,
  ].join(' && ')

  beforeAll(async () => {
    await cleanUp()
    const postgres = await onHost(first(), 'echo /usr/lib/postgresql/*/bin')
    project = labFolder(`import { defineConfig } from 'srvkit'
import { git } from 'srvkit/git'
import { dockerCompose } from 'srvkit/docker-compose'
import { postgres, rsyncBackup, sqlite } from 'srvkit/rsync-backup'

const service = (backup) => ({
  hosts: ['${first().name}'],
  instances: { docker: { kind: 'docker', git: { path: 'app' }, compose: {}, backup } },
})

export default defineConfig({
  environments: { production: { hosts: ${inventoryText([first(), second()]).replaceAll(`"user":"${lab().user}"`, '"user":"root"')} } },
  plugins: [git({ source: 'files' }), dockerCompose({ monitorMs: 0, drainMs: 0 }), rsyncBackup({ to: '${second().name}:${tank}', ...(process.env.NIGHTLY && { schedule: { at: '03:00' } }) })],
  services: {
    '${service}': service({
      consistency: process.env.HOW,
      dumps: [postgres({ in: 'db' }), sqlite({ file: 'app.sqlite' })],
      exclude: process.env.HOW === 'pause' ? ['/pg/*'] : [],
      rehearsal: { assert: ${JSON.stringify(proven)} },
    }),
  },
})
`)
    writeDatabaseProject(join(project.folder, 'app'), postgres)
    await srv('deploy', 'production')
  })
  afterAll(async () => {
    project.remove()
    await cleanUp()
  })

  async function cleanUp(): Promise<void> {
    await removeProjects(service)
    await onHost(second(), `rm -rf ${tank}`)
  }

  type Run = (code: number, ...args: readonly string[]) => Promise<Outcome>
  const runWith =
    (env: Readonly<Record<string, string>>): Run =>
    async (code, ...args) => {
      const outcome = await project.srv([...args, '--json'], { env })
      expect(outcome.code, transcript(outcome)).toBe(code)
      return outcome
    }
  const proof = async (): Promise<unknown> =>
    JSON.parse(await onHost(second(), `tail -n 1 ${tank}/*/${service}/rehearsals.jsonl`))
  const checked = ['data', 'dumps', 'release', 'health', 'assert']

  it.each(['stop', 'pause'])('with %s, and a restore of databases that pass their own checks', async (how) => {
    const run = runWith({ HOW: how })
    await writes()
    // Without the files of the database there is much less than in the snapshot before.
    await run(0, 'backup', 'production', ...(how === 'pause' ? ['--allow-shrunk'] : []))
    expect(await states()).toEqual(['db running', 'web running'])
    // The databases of the release beside are empty until the dumps are in them.
    await run(0, 'restore', 'production', '--rehearse')
    expect(await proof()).toMatchObject({ ok: true, checked, note: '' })
    await writes()
    const seen = Number(await psql(count))
    await psql('drop table accounts')
    await sqlite('delete from accounts')
    expect(runEnd(await run(9, 'restore', 'production')).errors.map(({ code }) => code)).toEqual(['SRV-653'])
    await run(0, 'restore', 'production', '--confirm', `${service}@${first().name}`)
    expect(await states()).toEqual(['db running', 'web running'])
    await writes()
    expect(await psql('select sum(amount), min(amount) < 0 from accounts')).toBe('0|t')
    expect(await sqlite('pragma integrity_check; select sum(amount), min(amount) < 0 from accounts')).toBe('ok\n0|1')
    // What came back is what there was, and not a new database.
    expect(Number(await psql(count))).toBeGreaterThan(100)
    expect(seen).toBeGreaterThan(100)
    await onHost(first(), `docker exec ${service}-db-1 pg_amcheck --install-missing --heapallindexed -d postgres`)
    // The state of before is kept whole: its table of accounts is gone, and its entries are there.
    const kept = await onHost(first(), `cd /srv/${service} && ls -d dumps.before-* data.before-*`)
    expect(kept.replaceAll(/-\d{8}T\d{6}Z-\w+/g, '-RUN')).toBe('data.before-RUN\ndumps.before-RUN')
    const table = await onHost(
      first(),
      `cd /srv/${service} && pg_restore --list dumps.before-*/postgres.dump | awk '/ TABLE DATA /{ print $7 }'`,
    )
    expect(table).toBe('entries')
    expect(await onHost(first(), `cd /srv/${service} && rm -rf *.before-* && ls -A`)).toBe(
      '.srv\nREADME.md\ndata\ninstances',
    )
  })

  it('by the timer of its keeper, and the databases of a rehearsal pass their own checks', async () => {
    const run = runWith({ HOW: 'stop', NIGHTLY: 'yes' })
    await run(0, 'schedule', 'install', 'production')
    try {
      await writes()
      const before = Number(await psql(count))
      await onHost(
        second(),
        `systemctl start "$(systemctl list-timers --all --no-legend 'srv-backup-${service}-*' | grep -o 'srv-backup-[^ ]*\\.service')"`,
      )
      expect(await states()).toEqual(['db running', 'web running'])
      await run(0, 'restore', 'production', '--rehearse')
      expect(await proof()).toMatchObject({ ok: true, checked, note: '' })
      const kept = `pg_restore -f - ${tank}/*/${service}/latest/dumps/postgres.dump | sed -n '/^COPY public.entries/,/^\\\\\\./p' | wc -l`
      expect(Number(await onHost(second(), kept))).toBeGreaterThan(before)
      await writes()
    } finally {
      await run(0, 'schedule', 'remove', 'production')
    }
  })
})
