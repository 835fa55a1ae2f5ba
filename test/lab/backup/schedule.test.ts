import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeLab, lab, onHost, removeService } from '../hosts.ts'
import type { LabHost } from '../global-setup.ts'
import { inventoryText, labFolder, transcript, type LabFolder, type Outcome } from '../project.ts'
import { heldService } from './project.ts'

describeLab('a schedule', () => {
  const service = 'lab-nightly'
  const tank = '/srv/lab-nightly-tank'
  const account = 'labcron'
  let project: LabFolder
  const keeper = (): LabHost => lab().hosts[0]
  const source = (): LabHost => lab().hosts[1]

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv(args)
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }

  /** Answers pings on the keeper itself, and writes down what was asked for. */
  const watcher = `perl -MIO::Socket::INET -e '
    $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1:8791", Listen => 5, ReuseAddr => 1);
    while ($c = $s->accept) {
      $l = <$c>; open F, ">>", "/tmp/${service}-pings"; print F $l; close F;
      while (<$c>) { last if /^\\r?$/ }
      print $c "HTTP/1.0 200 OK\\r\\n\\r\\n"; close $c;
    }'`

  function configure(to: string, hold: string, schedule: string, hosts = inventoryText([keeper(), source()])): void {
    writeFileSync(
      join(project.folder, 'srv.config.ts'),
      `import { defineConfig, secret, systemd } from 'srvkit'
import { git } from 'srvkit/git'
import { rsyncBackup } from 'srvkit/rsync-backup'

export default defineConfig({
  environments: { production: { hosts: ${hosts} } },
  plugins: [git({ source: 'files' }), rsyncBackup({ to: ${to}, keep: { last: 5 }${schedule === '' ? '' : `, schedule: { ${schedule} }`} })],
  ${heldService(service, source(), "systemd({ exec: 'sleep 99997' })", hold)}
})
`,
    )
  }

  beforeAll(async () => {
    project = labFolder('')
    mkdirSync(join(project.folder, 'app'))
    writeFileSync(join(project.folder, 'app/file'), 'one\n')
    configure(`'${keeper().name}:${tank}'`, 'stop', `at: '03:00', ping: secret('PING')`)
    await cleanUp()
    await srv(0, 'deploy', 'production', service)
    await onHost(source(), `echo one >/srv/${service}/data/one; chown deploy: /srv/${service}/data/one`)
    await onHost(keeper(), `mkdir -p ${tank}; chown deploy ${tank}`)
  })
  afterAll(async () => {
    await cleanUp()
    project.remove()
  })

  async function cleanUp(): Promise<void> {
    await project.srv(['schedule', 'remove', 'production'])
    await onHost(keeper(), `userdel -r ${account} 2>/dev/null; rm -rf ${tank} /tmp/${service}-pings; true`)
    await removeService(service, [keeper(), source()])
  }

  /** Everything of a schedule on both machines. */
  async function traces(): Promise<string> {
    const found = `ls -d /etc/systemd/system/*srv-backup-${service}* /etc/systemd/system/timers.target.wants/*srv-backup-${service}* /var/lib/systemd/timers/*srv-backup-${service}* ${tank}/.srv /srv/${service}/.srv/schedule 2>/dev/null
grep -c srv-backup-${service} /home/deploy/.ssh/authorized_keys
true`
    return [await onHost(keeper(), found), await onHost(source(), found)].join('\n')
  }

  const unit = (): Promise<string> =>
    onHost(
      keeper(),
      `systemctl list-timers --all --no-legend 'srv-backup-${service}-*' | grep -o 'srv-backup-[^ ]*\\.service'`,
    )
  const snapshots = (): Promise<string> => onHost(keeper(), `ls ${tank}/${source().name}/${service} | grep -c Z`)

  interface Releases {
    readonly releases: readonly { readonly id: string }[]
  }
  interface Listed {
    readonly schedules: readonly {
      readonly schedule: {
        readonly by: string
        readonly next?: string
        readonly last?: { readonly ok: boolean; readonly note: string }
        readonly problem?: string
      } | null
    }[]
  }
  async function listed(code: number): Promise<Listed['schedules'][number]['schedule'] | undefined> {
    const { stdout } = await srv(code, 'schedule', 'list', 'production', '--json')
    return (JSON.parse(stdout) as Listed).schedules[0]?.schedule
  }

  it('backs up by a timer of systemd, tells of success and failure, and leaves nothing', async () => {
    await onHost(
      keeper(),
      `setsid sh -c '${watcher.replaceAll("'", "'\\''")}' >/dev/null 2>&1 </dev/null & echo $! >/tmp/${service}-watcher`,
    )
    try {
      const before = await traces()
      const env = { PING: 'http://127.0.0.1:8791/night' }
      for (let times = 0; times < 2; times++) {
        const outcome = await project.srv(['schedule', 'install', 'production'], { env })
        expect(outcome.code, transcript(outcome)).toBe(0)
      }
      const name = await unit()
      expect(
        await onHost(keeper(), `systemctl show ${name.replace('.service', '.timer')} -p Persistent -p UnitFileState`),
      ).toBe('Persistent=yes\nUnitFileState=enabled')
      expect(await onHost(source(), `grep -c srv-backup-${service} /home/deploy/.ssh/authorized_keys`)).toBe('1')

      await onHost(keeper(), `systemctl start ${name}`)
      expect(await snapshots()).toBe('1')
      const made = `${tank}/${source().name}/${service}/latest/release.json`
      const release: unknown = JSON.parse(await onHost(keeper(), `cat ${made}`))
      const { releases } = JSON.parse((await srv(0, 'releases', 'production', service, '--json')).stdout) as Releases
      expect(releases).toMatchObject([release])
      await srv(0, 'verify', 'production', service)
      expect(await onHost(source(), `systemctl is-active srv-${service}-native`)).toBe('active')
      expect(await listed(0)).toMatchObject({ by: 'system', last: { ok: true } })
      // What the keeper made by itself names the release that is started with it.
      await srv(0, 'restore', 'production', service, '--rehearse')
      const proofs = `${tank}/${source().name}/${service}/rehearsals.jsonl`
      const proof: unknown = JSON.parse(await onHost(keeper(), `tail -n 1 ${proofs}`))
      expect(proof).toMatchObject({ ok: true, release: releases[0]?.id, checked: ['data', 'release', 'health'] })
      await srv(0, 'schedule', 'run', 'production', service)
      expect(await snapshots()).toBe('2')

      await onHost(source(), `mv /srv/${service}/data/one /srv/${service}/`)
      await srv(10, 'schedule', 'run', 'production', service)
      expect(await onHost(keeper(), `systemctl is-failed ${name}`)).toBe('failed')
      expect(await listed(10)).toMatchObject({
        last: {
          ok: false,
          note: `there is no data of ${service} on ${source().name} to copy: /srv/${service}/data is empty`,
        },
      })
      expect(await snapshots()).toBe('2')
      await onHost(source(), `mv /srv/${service}/one /srv/${service}/data/`)
      expect(await onHost(keeper(), `tr -d '\\r' </tmp/${service}-pings`)).toBe(
        ['/start', '', '/start', '', '/start', '/fail'].map((end) => `POST /night${end} HTTP/1.1`).join('\n'),
      )

      configure(`'${keeper().name}:${tank}'`, 'stop', '')
      const would = await srv(0, 'schedule', 'install', 'production', '--dry-run')
      expect(would.stderr).toContain(
        `the config no longer schedules ${service}: removing its schedule on ${keeper().name}`,
      )
      expect(await traces()).not.toBe(before)
      await srv(0, 'schedule', 'install', 'production')
      expect(await traces()).toBe(before)
      expect(await snapshots()).toBe('2')
      expect(await listed(0)).toBeNull()
    } finally {
      await onHost(keeper(), `kill -- -$(cat /tmp/${service}-watcher); rm -f /tmp/${service}-watcher; true`)
    }
  })

  it('says that its timer was stopped, disabled or removed, and that its backups are overdue', async () => {
    const to = `'${keeper().name}:${tank}'`
    configure(to, 'live', `at: 'hourly'`)
    await srv(0, 'schedule', 'install', 'production')
    const name = await unit()
    const timer = name.replace('.service', '.timer')
    await srv(0, 'schedule', 'run', 'production')
    expect((await srv(0, 'status', 'production', service)).stdout).not.toMatch(/overdue|SCHEDULE/)
    for (const [by, problem] of [
      [`systemctl disable ${timer}`, 'its timer is disabled, and will be gone after a reboot'],
      [`systemctl stop ${timer}`, 'its timer is disabled'],
      [`systemctl enable ${timer}`, 'its timer is stopped'],
      [`systemctl mask --runtime ${timer}`, 'its timer is stopped'],
      [
        `systemctl disable ${timer}; rm -f /etc/systemd/system/${timer}; systemctl daemon-reload`,
        'its timer is masked',
      ],
      [`systemctl unmask --runtime ${timer}; systemctl daemon-reload`, 'its timer is gone'],
    ] as const) {
      await onHost(keeper(), by)
      expect(await listed(10), by).toMatchObject({ last: { ok: true }, problem })
    }
    const shown = await srv(10, 'schedule', 'list', 'production')
    expect(shown.stdout).toMatch(/ system +never .+ ok +its timer is gone; snapshot \d+T\d+Z\n$/)
    // The clock of a test does not move: what was made and installed is older by some hours.
    const base = `${tank}/${source().name}/${service}`
    const older = new Date(Date.now() - 3 * 3_600_000).toISOString().replaceAll(/[-:]|\.\d+/g, '')
    await onHost(
      keeper(),
      `cd ${base} && made=$(readlink latest) && mv "$made" .made && rm -rf [0-9]*Z && mv .made ${older}
sed -i "s/$made/${older}/" ${older}/snapshot.json && rm ${older}/snapshot.sum && ln -sfn ${older} latest
touch -d '3 hours ago' ${tank}/.srv/${source().name}/${service}/by`,
    )
    const { stdout } = await srv(10, 'status', 'production', service, '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      backups: [{ overdue: true }],
      schedules: [{ wanted: true, schedule: { by: 'system', problem: 'its timer is gone' } }],
    })
    const status = await srv(10, 'status', 'production', service)
    expect(status.stdout).toMatch(/ 3 h, overdue /)
    expect(status.stdout).toMatch(/\nSCHEDULE .+ STATE +NOTE\n.+ off +its timer is gone; /)
    // What is installed again has its timer, and runs before anybody waits for it.
    await srv(0, 'schedule', 'install', 'production')
    expect((await srv(10, 'status', 'production', service, '--json')).stdout).toContain('"overdue":true')
    await srv(0, 'schedule', 'run', 'production')
    await srv(0, 'status', 'production', service)
    await srv(0, 'schedule', 'remove', 'production')
    await onHost(keeper(), `rm -rf ${base}`)
    expect((await srv(0, 'status', 'production', service)).stdout).toMatch(/ not installed\n$/)
  })

  it('backs up by cron where the user has no systemd, and keeps the other lines of the crontab', async () => {
    const home = `/home/${account}`
    await onHost(
      keeper(),
      `useradd -m -s /bin/sh -p '*' ${account}
mkdir -p ${home}/.ssh && cp /home/deploy/.ssh/authorized_keys ${home}/.ssh/ && chown -R ${account} ${home}/.ssh
echo '5 5 * * * true' | crontab -u ${account} -`,
    )
    const { address, hostKeys } = keeper()
    const cron = JSON.stringify({ address, user: account, key: lab().key, hostKeys })
    const hosts = `{ ...${inventoryText([source()])}, cronkeeper: ${cron} }`
    configure(`'cronkeeper:${home}/tank'`, 'live', `at: 'Mon,Thu *-*-* 04:30', randomDelay: 0`, hosts)
    await srv(0, 'schedule', 'install', 'production', service)
    await srv(0, 'schedule', 'install', 'production', service)
    const crontab = await onHost(keeper(), `crontab -l -u ${account}`)
    const folder = `${home}/tank/.srv/${source().name}/${service}`
    const mark = /^# (srv-backup-\S+) begin$/m.exec(crontab)?.[1] ?? ''
    expect(crontab.split('\n')).toEqual([
      '5 5 * * * true',
      `# ${mark} begin`,
      `30 4 * * 1,4 /bin/sh ${folder}/run --cron >/dev/null 2>&1`,
      `# ${mark} end`,
    ])
    expect(await listed(0)).toEqual({ by: 'cron', at: 'Mon,Thu *-*-* 04:30', running: false })
    await onHost(keeper(), `su - ${account} -c '/bin/sh ${folder}/run --cron'`)
    expect(await listed(0)).toMatchObject({ by: 'cron', last: { ok: true } })
    await srv(0, 'verify', 'production', service)
    await onHost(keeper(), `crontab -l -u ${account} | sed 's/^30 4/# &/' | crontab -u ${account} -`)
    expect(await listed(10)).toMatchObject({ last: { ok: true }, problem: 'its line in the crontab is gone' })
    await srv(0, 'schedule', 'remove', 'production', service)
    expect(await onHost(keeper(), `crontab -l -u ${account}; ls -A ${home}/tank`)).toBe(
      `5 5 * * * true\n${source().name}`,
    )
  })
})
