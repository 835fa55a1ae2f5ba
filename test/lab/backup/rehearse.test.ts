import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LabHost } from '../global-setup.ts'
import { describeLab, lab, onHost, removeService } from '../hosts.ts'
import { inventoryText, labFolder, transcript, type LabFolder } from '../project.ts'

const service = 'lab-rehearsal'
const tank = '/var/tmp/lab-rehearsal'

function configText(host: LabHost, assert: string): string {
  return `import { defineConfig, systemd } from 'srvkit'
import { git } from 'srvkit/git'
import { rsyncBackup } from 'srvkit/rsync-backup'

export default defineConfig({
  environments: { production: { hosts: ${inventoryText([host])} } },
  plugins: [git({ source: 'files' }), rsyncBackup({ to: '${tank}' })],
  services: {
    '${service}': {
      instances: {
        native: {
          kind: 'native',
          git: { path: 'app' },
          start: systemd({ exec: 'sh run.sh', service: ['LimitNOFILE=777'] }),
          backup: { rehearsal: { assert: ${JSON.stringify(assert)} } },
        },
      },
    },
  },
})
`
}

describeLab('rehearsing a restore of a systemd unit', () => {
  let project: LabFolder
  const host = (): LabHost => lab().hosts[1]
  const units = (): Promise<string> =>
    onHost(
      host(),
      `systemctl list-units --all --plain --no-legend 'srv-*${service}*' | awk '{ print $1, $3 }'; ls /run/systemd/system | grep srv-re || :`,
    )

  async function srv(...args: readonly string[]): Promise<void> {
    const outcome = await project.srv([...args, '--json'])
    expect(outcome.code, transcript(outcome)).toBe(0)
  }
  async function cleanUp(): Promise<void> {
    await removeService(service, [host()])
    await onHost(host(), `rm -rf ${tank}`)
  }

  beforeAll(async () => {
    await cleanUp()
    await onHost(
      host(),
      `mkdir -p ${tank} /srv/${service}/data; echo old >/srv/${service}/data/file; chown -R deploy: ${tank} /srv/${service}`,
    )
    project = labFolder(configText(host(), ''))
    // It writes by the path that it knows from elsewhere, and not from SRV_DATA.
    mkdirSync(join(project.folder, 'app'))
    writeFileSync(join(project.folder, 'app/run.sh'), `ulimit -n >/srv/${service}/data/limit\nexec sleep 99998\n`)
    writeFileSync(join(project.folder, 'srv.config.ts'), configText(host(), 'true'))
    await srv('deploy', 'production')
    await srv('backup', 'production')
    await onHost(host(), `cd /srv/${service}/data && echo new >file && rm limit`)
  })
  afterAll(async () => {
    project.remove()
    await cleanUp()
  })

  it('is a unit of its own, which sees the data of the snapshot at the path of the real ones too', async () => {
    const before = await units()
    expect(before).toBe(`srv-${service}-native.service active`)
    const pid = await onHost(host(), `systemctl show -P MainPID srv-${service}-native`)
    const unit = `$(systemctl list-units --plain --no-legend 'srv-rehearsal-${service}-*' | cut -d ' ' -f 1)`
    const holds = [
      `[ "$(cat "$SRV_DATA/file" "$SRV_DATA/limit" | tr '\\n' ' ')" = 'old 777 ' ]`,
      `[ "$(systemctl show -p UnitFileState --value "${unit}")" != enabled ]`,
      `[ ! -e /srv/${service}/data/limit ]`,
    ].join(' && ')
    writeFileSync(join(project.folder, 'srv.config.ts'), configText(host(), holds))
    await srv('restore', 'production', '--rehearse')
    const proof: unknown = JSON.parse(await onHost(host(), `tail -n 1 ${tank}/*/${service}/rehearsals.jsonl`))
    expect(proof).toMatchObject({ ok: true, checked: ['data', 'release', 'health', 'assert'] })
    expect(await units()).toBe(before)
    expect(await onHost(host(), `systemctl show -P MainPID srv-${service}-native`)).toBe(pid)
    expect(await onHost(host(), `ls -d /srv/${service}/.rehearsal 2>&1 || ls -A /srv/${service}/data`)).toMatch(
      /No such file or directory\nfile$/,
    )
  })
})
