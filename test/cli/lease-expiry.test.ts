import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { runEnd, states, transcript, type Running } from '../support/cli-run.ts'
import { isRunning } from '../support/processes.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'
import { tcpLink, type TcpLink } from '../support/tcp-link.ts'

const names = ['web1', 'web2'] as const

/** In real time: nothing here pretends that a lease is older than it is. */
describe.skipIf(!hasSshd)('the lease of a run that is no more', () => {
  let sshd: Sshd
  let links: readonly TcpLink[]
  let project: Project

  /** A deploy that is in the middle of its build on both hosts, with the processes of these builds. */
  async function building(): Promise<{ readonly running: Running; readonly pids: readonly number[] }> {
    const running = project.start(['deploy', 'production', '--json'])
    for (const host of names) await running.printed(`"target":"app/native@${host}","host":"${host}","stream":"stdout"`)
    return { running, pids: names.flatMap((host) => project.host(host).processes()) }
  }

  /** The next deploy waits for at most 60 s, ends what the first one left behind, and puts its own release in place. */
  async function expectNextToGetIn(pids: readonly number[]): Promise<void> {
    const next = project.start(['deploy', 'production', '--json', '--wait-lock', '60s'])
    for (const host of names) await next.printed(`"target":"app/native@${host}","host":"${host}","stream":"stdout"`)
    expect(pids.filter((pid) => isRunning(pid))).toEqual([])
    for (const host of names) writeFileSync(join(project.host(host).root, 'go'), '')
    const outcome = await next.outcome
    expect(outcome.code, transcript(outcome)).toBe(0)
    expect(states(outcome)).toEqual({ 'app/native@web1': 'new', 'app/native@web2': 'new' })
  }

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.1.3', '127.9.1.4'] })
  })
  beforeEach(async () => {
    links = await Promise.all(sshd.addresses.map((address) => tcpLink(sshd.port, address)))
    const far = (index: number) => ({
      Port: String(links[index]?.port),
      HostName: '127.0.0.1',
      HostKeyAlias: `[${sshd.addresses[index] ?? ''}]:${String(sshd.port)}`,
    })
    project = cliProject(sshd, { web1: far(0), web2: far(1) })
    project.configure({ instance: `build: 'echo building; until [ -e "$SRV_DATA/../../go" ]; do sleep 0.05; done',` })
    project.app.commit('one')
  })
  afterEach(async () => {
    project.remove()
    await Promise.all(links.map((link) => link.stop()))
  })
  afterAll(() => sshd.stop())

  it('is over within 60 s of a kill', { timeout: 180_000 }, async () => {
    const { running, pids } = await building()
    running.child.kill('SIGKILL')
    await running.outcome
    await expectNextToGetIn(pids)
  })

  it('is over within 60 s of a cut that nobody is told of', { timeout: 240_000 }, async () => {
    const { running, pids } = await building()
    for (const link of links) link.swallow()
    const buildsOn = (host: string): boolean =>
      project
        .host(host)
        .processes()
        .some((pid) => pids.includes(pid))
    expect(names.map(buildsOn)).toEqual([true, true])
    // From now on the hosts are reached on another way; the first run knows only the one that is cut.
    const near = Object.fromEntries(names.map((name, index) => [name, { HostName: sshd.addresses[index] ?? '' }]))
    copyFileSync(sshd.sshConfig(near), project.sshConfig)
    await expectNextToGetIn(pids)
    const outcome = await running.outcome
    expect(outcome.code, transcript(outcome)).toBe(7)
    const told = runEnd(outcome).errors.map(({ code, where }) => `${code} ${where['host'] ?? ''}`)
    // What it had begun is left alone, since the next run works there.
    expect(told.sort()).toEqual(['SRV-403 web1', 'SRV-403 web2', 'SRV-503 web1', 'SRV-503 web2'])
    expect(await Promise.all(names.map((host) => project.host(host).page()))).toMatchObject([
      { version: 'one' },
      { version: 'one' },
    ])
    expect(names.map((host) => existsSync(project.host(host).path('.srv/lease')))).toEqual([false, false])
  })
})
