import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LabHost } from '../global-setup.ts'
import { describeLab, lab, onHost, reboot, removeService } from '../hosts.ts'
import { runEnd, transcript, type LabFolder, type Outcome } from '../project.ts'
import { holdProject, traces } from './project.ts'

const service = 'lab-quiet'

describeLab('holding native instances under systemd', () => {
  let project: LabFolder
  let lingered = false
  const host = (): LabHost => lab().dying[2]

  const srv = async (...args: readonly string[]): Promise<Outcome> => {
    const outcome = await project.srv([...args, '--json'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    return outcome
  }
  const run = (name: string): Promise<Outcome> => srv(`run-hold-${name}`, 'production')

  /** The process of each instance, and the letter of its state: `S`, `T` when frozen; `-` when there is none. */
  async function processes(): Promise<Record<string, string>> {
    const said = await onHost(
      host(),
      `for name in system user plain; do
  pid=$(pgrep -f "sleep 9[0-9]* $name" | head -n 1)
  echo "$name \${pid:--} $([ -z "$pid" ] || sed 's/.*) //' "/proc/$pid/stat" | cut -c 1)"
done`,
    )
    return Object.fromEntries(said.split('\n').map((line) => [line.split(' ')[0] ?? '', line.replace(/^\S+ /, '')]))
  }
  const letters = async (): Promise<readonly string[]> =>
    Object.values(await processes()).map((one) => one.split(' ')[1] ?? '')

  beforeAll(async () => {
    await cleanUp()
    lingered = (await onHost(host(), 'ls /var/lib/systemd/linger')).includes('deploy')
    const app = (name: string): string => `'exec -a "sleep 99999 ${name}" sleep 99999'`
    const bash = (name: string): string => `"bash -c " + JSON.stringify(${app(name)})`
    const instance = (name: string, start: string): string =>
      `${name}: { kind: 'native', git: { path: 'app' }, start: ${start} },`
    project = holdProject(
      service,
      [host()],
      `git({ source: 'files' })`,
      instance('system', `systemd({ exec: ${bash('system')} })`) +
        instance('user', `systemd({ scope: 'user', exec: ${bash('user')} })`) +
        instance('plain', `process({ exec: ${bash('plain')} })`),
    )
    mkdirSync(join(project.folder, 'app'))
    writeFileSync(join(project.folder, 'app/file'), 'one\n')
    await srv('deploy', 'production')
  })
  afterAll(async () => {
    project.remove()
    await cleanUp()
    if (!lingered) await onHost(host(), 'loginctl disable-linger deploy')
  })

  async function cleanUp(): Promise<void> {
    await onHost(
      host(),
      `rm -f /etc/systemd/system/srv-resume-${service}-* /etc/systemd/system/*.wants/srv-resume-${service}-*
pkill -f 'sleep 99999 [p]lain' || :
for unit in /home/deploy/.config/systemd/user/srv-${service}-*.service; do
  [ -e "$unit" ] || continue
  runuser -u deploy -- env XDG_RUNTIME_DIR=/run/user/$(id -u deploy) systemctl --user disable --now "\${unit##*/}"
  rm -f "$unit"
done`,
    )
    await removeService(service, [host()])
  }

  it('freezes every process, and wakes up the same', async () => {
    const before = await processes()
    expect(await letters()).toEqual(['S', 'S', 'S'])
    await run('pause')
    expect(await letters()).toEqual(['T', 'T', 'T'])
    await run('resume')
    expect(await processes()).toEqual(before)
  })

  it('stops and starts what ran, and keeps off what was off', async () => {
    await onHost(host(), `systemctl stop srv-${service}-system`)
    const before = await processes()
    await run('stop')
    expect(await letters()).toEqual(['', '', ''])
    expect(await onHost(host(), `cd /srv/${service}/.srv/held && head *`)).toBe(
      `==> plain <==\nprocess\n\n==> system <==\n\n==> user <==\nsrv-${service}-user.service`,
    )
    await run('prove-stop')
    expect(await letters()).toEqual(['', 'S', 'S'])
    expect((await processes())['user']).not.toBe(before['user'])
    expect(await traces(host(), service)).toBe('')
    await onHost(host(), `systemctl start srv-${service}-system`)
  })

  it('is brought back by a timer of systemd when the run dies, and lives on without it', async () => {
    const outcome = await project.srv(['run-hold-die', 'production', '--json'])
    expect(runEnd(outcome).exit_code).not.toBe(0)
    await expect.poll(() => traces(host(), service), { timeout: 60_000, interval: 500 }).toBe('')
    expect(await letters()).toEqual(['S', 'S', 'S'])
  })

  it('a timer is taken back, and leaves nothing', async () => {
    await run('arm-long')
    await run('arm-long')
    const found = await traces(host(), service)
    const unit = /srv-resume-lab-quiet-[0-9a-f]{8}/.exec(found)?.[0] ?? ''
    const set = /^srv-\S+\.timer$/m.exec(found)?.[0] ?? ''
    expect(found).toBe(`timer/how\ntimer/run\n${unit}-boot.service\n${unit}-boot.service\n${set}`)
    await run('disarm')
    await run('disarm')
    expect(await traces(host(), service)).toBe('')
  })

  it('a restart of the machine brings back also what no unit starts', async () => {
    await run('arm-long')
    await run('stop')
    await reboot(host())
    await expect.poll(() => traces(host(), service), { timeout: 90_000, interval: 1000 }).toBe('')
    expect(await letters()).toEqual(['S', 'S', 'S'])
  })
})
