import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Running } from '../../support/cli-run.ts'
import type { LabHost } from '../global-setup.ts'
import { describeLab, onHost } from '../hosts.ts'
import { inventoryText, labFolder, runEnd, transcript, type LabFolder } from '../project.ts'
import { deathsIn, isRescued, withoutRsync, wordsOf, type Other, type Run, type Step, type Victim } from './deaths.ts'
import { installFaults, reached, removeFaults, stopAt } from './faults.ts'
import { heldService, traces } from './project.ts'

const service = 'lab-fragile'
const tank = '/srv/lab-fragile-tank'

/** Has somebody die at each step of these runs, on two hosts that nobody else needs: a keeper, and the host of a service. */
export function describeDeaths(runs: readonly Run[], hosts: () => readonly [LabHost, LabHost]): void {
  describeLab('somebody dies in the middle', () => {
    tell(runs, hosts)
  })
}

function tell(runs: readonly Run[], hosts: () => readonly [LabHost, LabHost]): void {
  let project: LabFolder
  let version = 0
  const keeper = (): LabHost => hosts()[0]
  const source = (): LabHost => hosts()[1]
  const vault = (): string => `${tank}/${source().name}/${service}`
  const start = (run: Run | Other): Running => {
    const hasDumps = run.endsWith('with dumps') || run === 'schedule install'
    return project.start([...wordsOf(run, service, source().name), '--json'], { env: hasDumps ? { DUMPS: 'yes' } : {} })
  }
  const srv = async (run: Run | Other): Promise<void> => {
    const outcome = await start(run).outcome
    expect(outcome.code, transcript(outcome)).toBe(0)
  }

  /** The app writes something new; to sleep is all that it does. */
  const write = (): Promise<string> =>
    onHost(
      source(),
      `cd /srv/${service}/data && echo 'version ${String(++version)}' | tee words >../store && yes ${String(version)} | head -c 200000 >large && chown deploy: words large ../store`,
    )
  const running = (): Promise<string> => onHost(source(), `pgrep -fc 'sleep 9998[8]' || :`)
  const deploy = async (): Promise<void> => {
    writeFileSync(join(project.folder, 'app/file'), `of ${String(version)}\n`)
    await srv('deploy')
  }
  /** What the app has for data and in its database, and which release serves. */
  const serving = (): Promise<string> =>
    onHost(source(), `cd /srv/${service} && cat data/words store instances/native/current/file`)

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
    const { child, outcome } = start(run)
    try {
      await reached(there)
      const wasHeld = await isHeld()
      if (victim.startsWith('rsync')) {
        await onHost(host, 'pkill -KILL -x rsync')
        const { errors } = runEnd(await outcome)
        expect(errors.map(({ code }) => code)).toEqual(isRescued(run, victim) ? [] : [withoutRsync[run]])
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
    const more = `beforeDeploy: true, holdSeconds: 20, rehearsal: { assert: 'awk "/version/" "$SRV_DATA/words"' },
dumps: env.DUMPS === undefined ? [] : [dump({
  name: 'store',
  command: 'awk "{print}" "$SRV_DATA/../store"',
  load: 'cd "$SRV_DATA/.." && awk "{print}" >store.new && mv store.new store',
})]`
    // Through a gate, a run that compares all content has other steps.
    project = labFolder(`import { env } from 'node:process'
import { defineConfig, process } from 'srvkit'
import { git } from 'srvkit/git'
import { dump, rsyncBackup } from 'srvkit/rsync-backup'

export default defineConfig({
  environments: { production: { hosts: ${inventoryText([keeper(), source()])} } },
  plugins: [git({ source: 'files' }), rsyncBackup({ to: '${keeper().name}:${tank}', keep: { last: 4 }, checksumEvery: 1000, schedule: { at: 'yearly' } })],
  ${heldService(service, source(), "process({ exec: 'sleep 99988' })", 'stop', more)}
})
`)
    mkdirSync(join(project.folder, 'app'))
    await deploy()
    await onHost(source(), `chown deploy: /srv/${service}/data`)
    await onHost(keeper(), `mkdir -p ${tank} && chown deploy ${tank}`)
    for (let made = 0; made < 4; made++) {
      await write()
      await srv('backup')
    }
    await srv('schedule install')
    for (const host of [keeper(), source()]) await installFaults(host)
  })
  afterAll(async () => {
    await cleanUp()
    project.remove()
  })

  it.for(deathsIn(runs))('in a %s the %s, %s', async ([run, victim, , step]) => {
    const changes = run.startsWith('restore') || run === 'rollback'
    const then = step[6] ?? (changes && isRescued(run, victim) ? 'new' : 'old')
    if (run === 'rollback') await deploy()
    if (run === 'restore with dumps') await srv('backup with dumps')
    const [, dumped] = (await serving()).split('\n')
    await write()
    const [before, was, kept] = [await all(), await serving(), await newest()]
    const wasHeld = await die(victim, step)
    await expectGood(before)
    await expect.poll(isOpen, { timeout: 90_000, interval: 300 }).toBe(false)
    // An app without a unit does not come back by itself when its machine does, unless a run had stopped it.
    if (!wasHeld && (await running()) === '0') await srv('start')
    expect(await running()).toBe('1')
    if (then === 'old') expect(await serving()).toBe(was)
    else expect((await serving()).split('\n')[0]).toBe(kept)

    // The same once more, or another run, and it is through.
    await srv(then === 'old' ? run : 'backup')
    if (changes) expect((await serving()).split('\n')[0]).toBe(kept)
    if (run === 'restore with dumps') expect((await serving()).split('\n')[1]).toBe(dumped)
    await expectGood(before)
    expect(await newest()).toBe(run.includes('backup') ? (await serving()).split('\n')[0] : kept)
    expect(await onHost(keeper(), `ls -A ${vault()} | grep -v -e Z -e rehearsals`)).toBe('.lock\nlatest\nowner')
    expect(await onHost(source(), `cd /srv/${service} && ls -A | grep -e rehearsal -e restore -e '^.dumps' || :`)).toBe(
      '',
    )
    expect([await running(), await traces(source(), service)]).toEqual(['1', ''])
  })
}
