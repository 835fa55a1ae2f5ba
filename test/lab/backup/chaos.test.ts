import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Stop } from '../../support/faults.ts'
import type { LabHost } from '../global-setup.ts'
import { describeLab, lab, onHost } from '../hosts.ts'
import { inventoryText, labFolder, transcript, type LabFolder, type Outcome } from '../project.ts'
import { installFaults, reached, removeFaults, stopAt } from './faults.ts'
import { traces, heldService } from './project.ts'

const service = 'lab-fragile'
const tank = '/srv/lab-fragile-tank'
const sending = 'rsync --server --sender *'

type Step = readonly [when: string, whose: 'service' | 'keeper', pattern: string, stop?: Stop]

/** What stands still on a host when it dies. */
const steps: readonly Step[] = [
  ['the service, in the first copy', 'service', sending, { bytes: 20_000 }],
  ['the service, while the app is held', 'service', 'rm -f */held/native.open'],
  ['the service, in the second copy', 'service', sending, { bytes: 100, skip: 1 }],
  ['the snapshots, before the manifest is summed', 'keeper', 'sha256sum *'],
  ['the snapshots, while an older one goes', 'keeper', 'rm -rf *.trash-*'],
]

describeLab('a host dies', () => {
  let project: LabFolder
  let version = 0
  const keeper = (): LabHost => lab().dying[0]
  const source = (): LabHost => lab().dying[1]
  const vault = (): string => `${tank}/${source().name}/${service}`

  const srv = async (code: number, ...args: readonly string[]): Promise<Outcome> => {
    const outcome = await project.srv([...args, '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }

  /** The app writes something new; `sleep` in its data folder is all that it does. */
  const write = (): Promise<string> =>
    onHost(
      source(),
      `cd /srv/${service}/data && echo 'version ${String(++version)}' >words && yes ${String(version)} | head -c 200000 >large && chown deploy words large`,
    )
  const running = (): Promise<string> => onHost(source(), `pgrep -fc 'sleep 9998[8]' || :`)
  const words = (): Promise<string> => onHost(source(), `cat /srv/${service}/data/words`)

  /** Names, modes, owners, times and contents of every snapshot, by id. */
  async function all(): Promise<Readonly<Record<string, string>>> {
    const said = await onHost(
      keeper(),
      `cd ${vault()} && for one in [0-9]*Z; do
  echo "$one $( { cd $one; find . -printf '%P %y %m %U %G %T@\\n' | sort; find . -type f -exec sha256sum {} + | sort; } | sha256sum)"
done`,
    )
    return Object.fromEntries(said.split('\n').map((line) => line.split(' ')))
  }

  /** As a switch does that is thrown, and thrown again. */
  async function throwSwitch(host: LabHost): Promise<void> {
    execFileSync('docker', ['kill', host.name], { stdio: 'ignore' })
    execFileSync('docker', ['start', host.name], { stdio: 'ignore' })
    await expect
      .poll(() => onHost(host, 'systemctl is-active ssh').catch(() => ''), { timeout: 60_000, interval: 300 })
      .toBe('active')
  }

  /** As if 45 s had passed. */
  const letLeaseEnd = (): Promise<string> => {
    const beat = `/srv/${service}/.srv/lease/beat`
    return onHost(source(), `[ ! -f ${beat} ] || echo $(($(cut -d. -f1 /proc/uptime) - 45)) >${beat}`)
  }

  /** Starts a run, and lets a host die where a command stands still; the machine of srv dies with it. */
  async function dieAt(args: readonly string[], [, whose, pattern, stop]: Step): Promise<void> {
    const host = whose === 'service' ? source() : keeper()
    await stopAt(host, pattern, stop)
    const child = project.start([...args, '--json'])
    const ended = new Promise((resolve) => child.on('close', resolve))
    try {
      await reached(host)
    } finally {
      child.kill('SIGKILL')
    }
    await ended
    await throwSwitch(host)
    await letLeaseEnd()
  }

  async function cleanUp(): Promise<void> {
    for (const host of [keeper(), source()]) await removeFaults(host)
    await onHost(keeper(), `rm -rf ${tank}`)
    await onHost(source(), `pkill -f 'sleep 9998[8]' || :`)
    await onHost(source(), `rm -rf /srv/${service}`)
  }

  beforeAll(async () => {
    await cleanUp()
    project = labFolder(`import { defineConfig, process } from 'srvkit'
import { git } from 'srvkit/git'
import { rsyncBackup } from 'srvkit/rsync-backup'

export default defineConfig({
  environments: { production: { hosts: ${inventoryText([keeper(), source()])} } },
  plugins: [git({ source: 'files' }), rsyncBackup({ to: '${keeper().name}:${tank}', keep: { last: 2 } })],
  ${heldService(service, source(), "process({ exec: 'sleep 99988' })", 'stop')}
})
`)
    mkdirSync(join(project.folder, 'app'))
    writeFileSync(join(project.folder, 'app/file'), 'one\n')
    await srv(0, 'deploy', 'production', service)
    await onHost(source(), `chown deploy /srv/${service}/data`)
    await onHost(keeper(), `mkdir -p ${tank} && chown deploy ${tank}`)
    for (let made = 0; made < 2; made++) {
      await write()
      await srv(0, 'backup', 'production', service)
    }
    for (const host of [keeper(), source()]) await installFaults(host)
  })
  afterAll(async () => {
    await cleanUp()
    project.remove()
  })

  it.for(steps)('that has %s: no good snapshot is harmed, and the next backup is made', async (step) => {
    await write()
    const before = await all()
    await dieAt(['backup', 'production', service], step)
    const after = await all()
    const latest = await onHost(keeper(), `cat ${vault()}/latest/snapshot.json`)
    expect(JSON.parse(latest)).toMatchObject({ state: 'good' })
    const both = Object.keys(before).filter((id) => id in after)
    expect(both.length).toBeGreaterThan(0)
    for (const id of both) expect(after[id], id).toBe(before[id])
    // An app without a unit does not come back by itself when its machine does, unless a backup had stopped it.
    if (/held|second/.test(step[0])) await expect.poll(running, { timeout: 60_000, interval: 300 }).toBe('1')
    else if ((await running()) === '0') await srv(0, 'start', 'production', service)
    await srv(0, 'backup', 'production', service)
    expect(await onHost(keeper(), `cat ${vault()}/latest/data/words`)).toBe(`version ${String(version)}`)
    expect(
      await onHost(keeper(), `cd ${vault()} && ls -A | grep -vc Z; ls -Ad .staging-* .trash-* 2>/dev/null || :`),
    ).toBe('2')
    expect([await running(), await traces(source(), service)]).toEqual(['1', ''])
  })

  it('that has the service, while a restore has moved its data: they are back, and the app runs', async () => {
    await write()
    const now = await words()
    await dieAt(
      ['restore', 'production', service, '--confirm', `${service}@${source().name}`],
      ['', 'service', `mv -T */.restore-*/data */data`],
    )
    await expect.poll(() => traces(source(), service), { timeout: 90_000, interval: 500 }).toBe('')
    expect([await running(), await words()]).toEqual(['1', now])
    await srv(0, 'restore', 'production', service, '--confirm', `${service}@${source().name}`)
    expect([await running(), await words()]).toEqual(['1', `version ${String(version - 1)}`])
  })
})
