import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Stop } from '../../support/faults.ts'
import type { LabHost } from '../global-setup.ts'
import { describeLab, lab, onHost } from '../hosts.ts'
import { inventoryText, labFolder, runEnd, transcript, type LabFolder, type Outcome } from '../project.ts'
import { installFaults, reached, removeFaults, stopAt } from './faults.ts'
import { heldService, traces } from './project.ts'

const service = 'lab-fragile'
const tank = '/srv/lab-fragile-tank'

type Side = 'service' | 'keeper'
type Run = 'backup' | 'restore' | 'rollback'
/** A machine has its plug pulled, and srv is gone with it; of an rsync alone srv hears. */
type Victim = Side | `rsync of the ${Side}`

/**
 * Where a run stands still when somebody dies: before the next command of a pattern on one of the machines, or in it; and
 * whose data serve in the end, when not those of before.
 */
type Step = readonly [Run, when: string, dies: readonly Victim[], at: Side, pattern: string, stop?: Stop, then?: 'new']

const one: readonly Victim[] = ['service']
const other: readonly Victim[] = ['keeper']
const each: readonly Victim[] = ['service', 'keeper', 'rsync of the service', 'rsync of the keeper']
const rescued: Victim = 'rsync of the service'
const compares = 'rsync --server --sender -n*'
const sends = 'rsync --server --sender -l*'
const receives = 'rsync --server -*'
const moves = 'mv -T */data */data.before-*'
const puts = 'mv -T */.restore-*/data */data'
const proves = 'rm -f */restore/open *'

/** Every step of every run that touches data, in the order in which they come. */
const steps: readonly Step[] = [
  ['backup', 'its folder is made', other, 'keeper', 'mkdir */.staging-*'],
  ['backup', 'what differs is looked for', other, 'service', compares, { bytes: 100 }],
  ['backup', 'in the hot copy', each, 'service', sends, { bytes: 20_000 }],
  ['backup', 'what was copied is put over the rest', other, 'keeper', 'cp -al * --remove-destination *'],
  ['backup', 'the hot copy is in its place', other, 'keeper', 'mv linked warm'],
  ['backup', 'the timer is set', one, 'service', 'mv -f */timer/run.new *'],
  ['backup', 'the app is held', one, 'service', 'rm -f */held/native.open'],
  ['backup', 'in the second copy', each, 'service', compares, { bytes: 100, skip: 1 }],
  ['backup', 'the app runs again', one, 'service', 'rm -f */held/native *'],
  ['backup', 'the manifest is summed', other, 'keeper', 'sha256sum *'],
  ['backup', 'it is written to disk', other, 'keeper', 'sync -f .', { skip: 1 }],
  ['backup', 'it gets its name', other, 'keeper', 'mv */.staging-* */2*Z'],
  ['backup', 'it is named', other, 'keeper', 'ln -s *'],
  ['backup', 'latest is renamed', other, 'keeper', 'mv -fT */.latest-* */latest'],
  ['backup', 'latest leads to it', other, 'keeper', 'sync -f /*'],
  ['backup', 'an older one is renamed', other, 'keeper', 'mv */2*Z */.trash-*'],
  ['backup', 'an older one goes', other, 'keeper', 'rm -rf */.trash-*'],

  ['restore', 'it is brought', each, 'service', receives, { bytes: 100 }],
  ['restore', 'it is announced', one, 'service', 'mv -f */restore/open.new *'],
  ['restore', 'the timer is set', one, 'service', 'mv -f */timer/run.new *'],
  ['restore', 'the app is stopped', one, 'service', 'rm -f */held/native.open'],
  ['restore', 'the data are moved away', one, 'service', moves],
  ['restore', 'the snapshot is moved in', one, 'service', puts],
  ['restore', 'all is in place', one, 'service', 'rm -rf */.restore-*', { skip: 1 }],
  ['restore', 'the app runs again', one, 'service', 'rm -f */held/native *'],
  ['restore', 'it is proved', one, 'service', proves, { skip: 1 }],
  ['restore', 'the timer goes', one, 'service', 'rm -f */timer/how *', {}, 'new'],

  ['rollback', 'it is brought', [...one, ...other], 'service', receives, { bytes: 100 }],
  ['rollback', 'the data are moved away', one, 'service', moves],
  ['rollback', 'the snapshot is moved in', one, 'service', puts],
  ['rollback', 'the release is changed', one, 'service', 'mv -T */.srv-current */current'],
  ['rollback', 'it is proved', one, 'service', proves, { skip: 1 }, 'new'],
]

const deaths = steps.flatMap((step) => step[2].map((victim) => [step[0], victim, step[1], step] as const))

describeLab('somebody dies in the middle', () => {
  let project: LabFolder
  let version = 0
  const keeper = (): LabHost => lab().dying[0]
  const source = (): LabHost => lab().dying[1]
  const vault = (): string => `${tank}/${source().name}/${service}`
  const confirm = (): readonly string[] => ['--confirm', `${service}@${source().name}`]
  const commandOf = (run: Run): readonly string[] =>
    ({
      backup: ['backup', 'production', service],
      restore: ['restore', 'production', service, ...confirm()],
      rollback: ['rollback', 'production', service, '--with-data'],
    })[run]

  const srv = async (code: number, ...args: readonly string[]): Promise<Outcome> => {
    const outcome = await project.srv([...args, '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }

  /** The app writes something new; to sleep is all that it does. */
  const write = (): Promise<string> =>
    onHost(
      source(),
      `cd /srv/${service}/data && echo 'version ${String(++version)}' >words && yes ${String(version)} | head -c 200000 >large && chown deploy: words large`,
    )
  const running = (): Promise<string> => onHost(source(), `pgrep -fc 'sleep 9998[8]' || :`)
  const deploy = async (): Promise<void> => {
    writeFileSync(join(project.folder, 'app/file'), `of ${String(version)}\n`)
    await srv(0, 'deploy', 'production', service)
  }
  /** What the app has for data, and which release serves. */
  const serving = (): Promise<string> =>
    onHost(source(), `cd /srv/${service} && cat data/words instances/native/current/file`)

  const newest = (): Promise<string> => onHost(keeper(), `cat ${vault()}/latest/data/words`)

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

  /** `latest` is a good snapshot, and all of before that still are there are what they were. */
  async function expectGood(before: Readonly<Record<string, string>>): Promise<void> {
    const now = await all()
    expect(JSON.parse(await onHost(keeper(), `cat ${vault()}/latest/snapshot.json`))).toMatchObject({ state: 'good' })
    const both = Object.keys(before).filter((id) => id in now)
    expect(both.length).toBeGreaterThan(0)
    for (const id of both) expect(now[id], id).toBe(before[id])
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

  const files = (): Promise<string> =>
    onHost(source(), `cd /srv/${service}/.srv && ls held restore timer 2>/dev/null || :`)
  /** The app is held: its host has to bring it back by itself. */
  const isHeld = async (): Promise<boolean> => /^native/m.test(await files())
  /** It is, or its data are being changed, or its host has not let go of it yet. */
  const isOpen = async (): Promise<boolean> => {
    const found = await files()
    const run = await onHost(source(), `cat /srv/${service}/.srv/lease/run 2>/dev/null || :`)
    return /^native/m.test(found) || (/^open$/m.test(found) && /^run$/m.test(found)) || run.endsWith('-end')
  }

  /** Starts a run, has somebody die where a command stands still, and tells whether the app was held then. */
  async function die(victim: Victim, [run, , , at, pattern, stop]: Step): Promise<boolean> {
    const hostOf = (one: Victim): LabHost => (one.endsWith('service') ? source() : keeper())
    const there = hostOf(at)
    const host = hostOf(victim)
    await stopAt(there, pattern, stop)
    const { child, outcome } = project.start([...commandOf(run), '--json'])
    try {
      await reached(there)
      const wasHeld = await isHeld()
      if (victim.startsWith('rsync')) {
        await onHost(host, 'pkill -KILL -x rsync')
        const { errors } = runEnd(await outcome)
        const isRescued = run !== 'backup' && victim === rescued
        expect(errors.map(({ code }) => code)).toEqual(isRescued ? [] : [run === 'backup' ? 'SRV-640' : 'SRV-645'])
        return false
      }
      child.kill('SIGKILL')
      await throwSwitch(host)
      await letLeaseEnd()
      return wasHeld
    } finally {
      child.kill('SIGKILL')
      await outcome
    }
  }

  async function cleanUp(): Promise<void> {
    for (const host of [keeper(), source()]) await removeFaults(host)
    await onHost(keeper(), `rm -rf ${tank}`)
    await onHost(source(), `pkill -f 'sleep 9998[8]' || :`)
    await onHost(source(), `rm -rf /srv/${service}`)
  }

  beforeAll(async () => {
    await cleanUp()
    // Through a gate, a run that compares all content has other steps.
    project = labFolder(`import { defineConfig, process } from 'srvkit'
import { git } from 'srvkit/git'
import { rsyncBackup } from 'srvkit/rsync-backup'

export default defineConfig({
  environments: { production: { hosts: ${inventoryText([keeper(), source()])} } },
  plugins: [git({ source: 'files' }), rsyncBackup({ to: '${keeper().name}:${tank}', keep: { last: 4 }, checksumEvery: 1000 })],
  ${heldService(service, source(), "process({ exec: 'sleep 99988' })", 'stop', 'beforeDeploy: true, holdSeconds: 20')}
})
`)
    mkdirSync(join(project.folder, 'app'))
    await deploy()
    await onHost(source(), `chown deploy: /srv/${service}/data`)
    await onHost(keeper(), `mkdir -p ${tank} && chown deploy ${tank}`)
    for (let made = 0; made < 4; made++) {
      await write()
      await srv(0, 'backup', 'production', service)
    }
    for (const host of [keeper(), source()]) await installFaults(host)
  })
  afterAll(async () => {
    await cleanUp()
    project.remove()
  })

  it.for(deaths)('in a %s the %s, %s', async ([run, victim, , step]) => {
    // What was cut off from its keeper is brought another way.
    const [, , , , , , then = run === 'backup' || victim !== rescued ? 'old' : 'new'] = step
    if (run === 'rollback') await deploy()
    await write()
    const [before, was, kept] = [await all(), await serving(), await newest()]
    const wasHeld = await die(victim, step)
    await expectGood(before)
    await expect.poll(isOpen, { timeout: 90_000, interval: 300 }).toBe(false)
    // An app without a unit does not come back by itself when its machine does, unless a run had stopped it.
    if (!wasHeld && (await running()) === '0') await srv(0, 'start', 'production', service)
    expect(await running()).toBe('1')
    if (then === 'old') expect(await serving()).toBe(was)
    else expect((await serving()).split('\n')[0]).toBe(kept)

    // The same once more, and it is through.
    if (then === 'old') await srv(0, ...commandOf(run))
    if (run !== 'backup') {
      expect((await serving()).split('\n')[0]).toBe(kept)
      await srv(0, 'backup', 'production', service)
    }
    await expectGood(before)
    expect(await newest()).toBe((await serving()).split('\n')[0])
    expect(await onHost(keeper(), `ls -A ${vault()} | grep -v Z`)).toBe('.lock\nlatest\nowner')
    expect([await running(), await traces(source(), service)]).toEqual(['1', ''])
  })
})
