import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LabHost } from '../global-setup.ts'
import { describeLab, lab, onHost, removeService } from '../hosts.ts'
import { inventoryText, labFolder, transcript, type LabFolder, type Outcome } from '../project.ts'
import { heldService } from './project.ts'

describeLab('a backup from one host straight to another', () => {
  const service = 'lab-way'
  const tank = '/var/tmp/lab-way'
  let project: LabFolder
  // No other test restarts or freezes these two, but others back up from one to the other.
  const source = (): LabHost => lab().engines[0]
  const keeper = (): LabHost => lab().engines[1]

  function configure(way: 'pull' | 'push', consistency: 'pause' | 'stop'): void {
    writeFileSync(
      join(project.folder, 'srv.config.ts'),
      `import { defineConfig, systemd } from 'srvkit'
import { git } from 'srvkit/git'
import { rsyncBackup } from 'srvkit/rsync-backup'

export default defineConfig({
  environments: { production: { hosts: ${inventoryText([source(), keeper()])} } },
  plugins: [git({ source: 'files' }), rsyncBackup({ to: { folder: '${keeper().name}:${tank}', way: '${way}' } })],
  ${heldService(service, source(), "systemd({ exec: 'sleep 99996' })", consistency)}
})
`,
    )
  }
  async function srv(...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--json'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    return outcome
  }
  const unit = `srv-${service}-native`
  const began = async (): Promise<readonly string[]> =>
    (
      await onHost(
        source(),
        `pid=$(systemctl show -P MainPID ${unit}); echo $pid; systemctl is-active ${unit}; ps -o stat= -p $pid | cut -c 1`,
      )
    ).split('\n')
  /** What a run may leave on neither machine. */
  const left = (host: LabHost, run: string): Promise<string> =>
    onHost(
      host,
      `ls -d /home/deploy/.ssh/srv-link-*-${run} /root/.ssh/srv-link-*-${run} /tmp/srv-link-*-${run} 2>/dev/null; grep -rs -- ${run} /home/deploy/.ssh/authorized_keys /root/.ssh/authorized_keys; true`,
    )

  async function cleanUp(): Promise<void> {
    await removeService(service, [source()])
    await onHost(keeper(), `rm -rf ${tank}`)
  }
  beforeAll(async () => {
    project = labFolder('')
    await cleanUp()
    mkdirSync(join(project.folder, 'app'))
    writeFileSync(join(project.folder, 'app/file'), 'one\n')
    configure('pull', 'pause')
    await onHost(keeper(), `mkdir -p ${tank}; chown deploy ${tank}`)
    await srv('deploy', 'production')
    await onHost(source(), `cd /srv/${service}/data && head -c 300000 /dev/urandom >file && chown deploy: file`)
  })
  afterAll(async () => {
    project.remove()
    await cleanUp()
  })

  it.for([
    ['pull', 'pause'],
    ['pull', 'stop'],
    ['push', 'pause'],
    ['push', 'stop'],
  ] as const)('by a %s with the service held by %s is whole, and what ran runs again', async ([way, consistency]) => {
    configure(way, consistency)
    const before = await began()
    await onHost(source(), `echo ${way} ${consistency} >/srv/${service}/data/said`)
    const [, run = ''] = /"run":"([^"]+)"/.exec((await srv('backup', 'production')).stdout) ?? []
    expect(run).toMatch(/^\d{8}T\d{6}Z-/)
    const kept = `$(ls -d ${tank}/*/${service}/2*Z | tail -n 1)`
    expect(await onHost(keeper(), `cat ${kept}/data/said`)).toBe(`${way} ${consistency}`)
    const sum = 'sha256sum file | cut -c 1-64'
    expect(await onHost(keeper(), `cd ${kept}/data && ${sum}`)).toBe(
      await onHost(source(), `cd /srv/${service}/data && ${sum}`),
    )
    await srv('verify', 'production')
    const [pid, ...after] = await began()
    expect(after).toEqual(['active', 'S'])
    expect(pid === before[0]).toBe(consistency === 'pause')
    expect([await left(source(), run), await left(keeper(), run)]).toEqual(['', ''])
  })
})
