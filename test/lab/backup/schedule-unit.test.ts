import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeLab, lab, onHost, removeService } from '../hosts.ts'
import type { LabHost } from '../global-setup.ts'
import { inventoryText, labFolder, runEnd, transcript, type LabFolder, type Outcome } from '../project.ts'
import { heldService } from './project.ts'

describeLab('the unit of a schedule', () => {
  const service = 'lab-nightwatch'
  const tank = '/srv/lab-nightwatch-tank'
  const begun = '/tmp/lab-nightwatch-begun'
  const go = '/tmp/lab-nightwatch-go'
  let project: LabFolder
  let unit = ''
  const keeper = (): LabHost => lab().hosts[0]
  const source = (): LabHost => lab().hosts[1]

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv(args)
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  const snapshots = (): Promise<string> => onHost(keeper(), `ls ${tank}/${source().name}/${service} | grep -c Z || :`)
  const note = (): Promise<string> =>
    onHost(keeper(), `sed 's/.*"note":"//; s/"}$//' ${tank}/.srv/${source().name}/${service}/last`)
  const show = async (name: string, properties: readonly string[]): Promise<Readonly<Record<string, string>>> => {
    const said = await onHost(keeper(), `systemctl show ${name} ${properties.map((one) => `-p ${one}`).join(' ')}`)
    return Object.fromEntries(said.split('\n').map((line) => [line.split('=')[0] ?? '', line.replace(/^\w+=/, '')]))
  }

  /** The dump of a backup has begun, and waits. */
  async function waiting(): Promise<void> {
    const look = (): Promise<string> => onHost(source(), `[ ! -e ${begun} ] || echo yes`)
    await expect.poll(look, { timeout: 60_000, interval: 200 }).toBe('yes')
  }
  const letGo = (): Promise<string> => onHost(source(), `touch ${go}; chmod 666 ${go}`)
  const hold = (): Promise<string> => onHost(source(), `rm -f ${begun} ${go}`)

  async function cleanUp(): Promise<void> {
    await project.srv(['schedule', 'remove', 'production'])
    await onHost(keeper(), `rm -rf ${tank}`)
    await removeService(service, [keeper(), source()])
    await hold()
  }

  beforeAll(async () => {
    project = labFolder('')
    mkdirSync(join(project.folder, 'app'))
    writeFileSync(join(project.folder, 'app/file'), 'one\n')
    const dump = `touch ${begun}; until [ -e ${go} ]; do sleep 0.1; done; echo dumped`
    writeFileSync(
      join(project.folder, 'srv.config.ts'),
      `import { defineConfig, systemd } from 'srvkit'
import { git } from 'srvkit/git'
import { dump, rsyncBackup } from 'srvkit/rsync-backup'

export default defineConfig({
  environments: { production: { hosts: ${inventoryText([keeper(), source()])} } },
  plugins: [git({ source: 'files' }), rsyncBackup({ to: '${keeper().name}:${tank}', schedule: { at: '03:00', wait: 0 } })],
  ${heldService(service, source(), "systemd({ exec: 'sleep 99996' })", 'stop', `dumps: [dump({ name: 'd', command: '${dump}' })]`)}
})
`,
    )
    await cleanUp()
    await srv(0, 'deploy', 'production', service)
    await onHost(source(), `echo one >/srv/${service}/data/one; chown deploy: /srv/${service}/data/one`)
    await onHost(keeper(), `mkdir -p ${tank}; chown deploy ${tank}`)
    await srv(0, 'schedule', 'install', 'production', service)
    unit = await onHost(keeper(), `cd /etc/systemd/system && ls srv-backup-${service}-*.service`)
  })
  afterAll(async () => {
    await cleanUp()
    project.remove()
  })

  it('is held back as it says, in the words of systemd, which finds nothing wrong with it', async () => {
    const timer = unit.replace(/service$/, 'timer')
    const times = {
      LoadState: 'loaded',
      ActiveState: 'active',
      UnitFileState: 'enabled',
      Persistent: 'yes',
      RandomizedDelayUSec: '15min',
      TimersCalendar: expect.stringContaining('OnCalendar=*-*-* 03:00:00'),
    }
    expect(await show(timer, Object.keys(times))).toEqual(times)
    const hardened = {
      LoadState: 'loaded',
      Type: 'oneshot',
      User: lab().user,
      UMask: '0077',
      NoNewPrivileges: 'yes',
      ProtectSystem: 'strict',
      ProtectHome: 'read-only',
      ReadWritePaths: tank,
      PrivateTmp: 'yes',
      ProtectKernelTunables: 'yes',
      ProtectKernelModules: 'yes',
      ProtectKernelLogs: 'yes',
      ProtectControlGroups: 'yes',
      ProtectClock: 'yes',
      ProtectHostname: 'yes',
      RestrictNamespaces: 'yes',
      RestrictRealtime: 'yes',
      RestrictAddressFamilies: 'AF_INET AF_INET6 AF_UNIX',
      LockPersonality: 'yes',
      MemoryDenyWriteExecute: 'yes',
      SystemCallArchitectures: 'native',
    }
    const shown = await show(unit, Object.keys(hardened))
    const families = (shown['RestrictAddressFamilies'] ?? '').split(' ').toSorted().join(' ')
    expect({ ...shown, RestrictAddressFamilies: families }).toEqual(hardened)
    expect(await onHost(keeper(), `cd /etc/systemd/system && systemd-analyze verify ./${unit} ./${timer} 2>&1`)).toBe(
      '',
    )
    // 9.2 is what a unit has that says nothing.
    const said = await onHost(keeper(), `systemd-analyze security --no-pager ${unit} | tail -n 1`)
    expect(Number(/: ([\d.]+) /.exec(said)?.[1]), said).toBeLessThan(6)
  })

  it('makes no backup while srv makes one, and says who does', async () => {
    await hold()
    const { outcome } = project.start(['backup', 'production', service, '--json'])
    try {
      await waiting()
      const before = await snapshots()
      const started = onHost(keeper(), `systemctl start ${unit}`)
      await expect(started).rejects.toThrow('control process exited with error code')
      expect(await show(unit, ['Result', 'ExecMainStatus'])).toEqual({ Result: 'exit-code', ExecMainStatus: '8' })
      expect(await note()).toMatch(
        new RegExp(`^[^@ ]+@\\S+ is working on ${service} on ${source().name}: no backup was made$`),
      )
      expect(await snapshots()).toBe(before)
    } finally {
      await letGo()
      await outcome
    }
    expect(runEnd(await outcome).exit_code, transcript(await outcome)).toBe(0)
    expect(await snapshots()).toBe('1')
  })

  it('keeps srv from making one while it makes one itself', async () => {
    await hold()
    await onHost(keeper(), `systemctl start --no-block ${unit}`)
    try {
      await waiting()
      const refused = await srv(8, 'backup', 'production', service, '--json')
      expect(runEnd(refused).errors.map(({ message }) => message)).toEqual([
        expect.stringMatching(
          new RegExp(
            `^${service} on ${source().name} is locked: schedule@${keeper().name} has been running backup on it since `,
          ),
        ),
      ])
      expect(await snapshots()).toBe('1')
    } finally {
      await letGo()
    }
    const state = async (): Promise<string> => (await show(unit, ['ActiveState']))['ActiveState'] ?? ''
    await expect.poll(state, { timeout: 60_000, interval: 200 }).toBe('inactive')
    expect(await show(unit, ['Result'])).toEqual({ Result: 'success' })
    expect(await snapshots()).toBe('2')
    expect(await onHost(source(), `systemctl is-active srv-${service}-native`)).toBe('active')
  })
})
