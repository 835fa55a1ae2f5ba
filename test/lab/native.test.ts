import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { describeLab, each, lab, onEachHost, onHost, page, pages, reboot, removeService, whileFrozen } from './hosts.ts'
import { labProject, runEnd, transcript, type LabProject, type Outcome } from './project.ts'

const service = 'lab-native'
const unit = `srv-${service}-native`
const port = 8081
const instance = `/srv/${service}/instances/native`
const current = `${instance}/current`

const placement = (host: string): string => `${service}/native@${host}`

function expectCode(outcome: Outcome, code: number): void {
  expect(outcome.code, transcript(outcome)).toBe(code)
}

/** What `run.end` says of every host: `new`, `old`, …; the hosts that it leaves out are missing here too. */
function states(outcome: Outcome): Record<string, string> {
  return Object.fromEntries(Object.entries(runEnd(outcome).serving).map(([id, { state }]) => [id, state]))
}

function everywhere(state: string): Record<string, string> {
  return Object.fromEntries(lab().hosts.map(({ name }) => [placement(name), state]))
}

describeLab('native services under systemd on three hosts', () => {
  let project: LabProject

  beforeAll(() => removeService(service))
  beforeEach(() => {
    project = labProject(service, port)
  })
  afterEach(async () => {
    project.remove()
    await removeService(service)
  })
  afterAll(() => removeService(service))

  const deploy = (...args: readonly string[]): Promise<Outcome> =>
    project.srv(['deploy', 'production', '--json', ...args])

  /** Puts a healthy version in place, for tests of what comes after it. */
  async function given(version: string): Promise<string> {
    const commit = project.app.commit(version)
    const outcome = await deploy()
    expectCode(outcome, 0)
    expect(await pages(port)).toEqual(each(`200 ${version}`))
    return commit
  }

  it('deploys a first version everywhere, as a unit that starts with the machine', async () => {
    project.app.commit('one')
    const outcome = await deploy()
    expectCode(outcome, 0)
    expect(runEnd(outcome)).toMatchObject({ status: 'ok', exit_code: 0, errors: [] })
    expect(states(outcome)).toEqual(everywhere('new'))
    expect(await pages(port)).toEqual(each('200 one'))
    expect(await onEachHost(`systemctl is-active ${unit}; systemctl is-enabled ${unit}`)).toEqual(
      each('active\nenabled'),
    )
  })

  it('updates to a new commit, keeps the old release, and has nothing to do the second time', async () => {
    await given('one')
    project.app.commit('two')
    expect(states(await deploy())).toEqual(everywhere('new'))
    expect(await pages(port)).toEqual(each('200 two'))
    expect(await onEachHost(`ls -d ${instance}/releases/*/ | wc -l`)).toEqual(each('2'))

    const started = await onEachHost(`systemctl show -P ActiveEnterTimestampMonotonic ${unit}`)
    const again = await deploy()
    expectCode(again, 0)
    expect(states(again)).toEqual(everywhere('unchanged'))
    expect(await onEachHost(`systemctl show -P ActiveEnterTimestampMonotonic ${unit}`)).toEqual(started)
    // It has run for longer than it was watched: one answer is enough.
    expect(again.stdout).toMatch(/"answered 200: http:/)
    expect(again.stdout).not.toMatch(/times in a row/)
  })

  it('touches nothing that runs when the build fails', async () => {
    await given('one')
    const before = await onEachHost(`readlink ${current}; systemctl show -P MainPID ${unit}`)
    project.app.commit('two', 'build fails')
    const outcome = await deploy()
    expectCode(outcome, 5)
    expect(states(outcome)).toEqual(everywhere('unchanged'))
    expect(runEnd(outcome).errors.flatMap(({ output }) => output)).toContain('no such module')
    expect(await onEachHost(`readlink ${current}; systemctl show -P MainPID ${unit}`)).toEqual(before)
    expect(await pages(port)).toEqual(each('200 one'))
  })

  it('puts the first host back when the app exits after the switch, and goes to no other', async () => {
    await given('one')
    const [first, ...others] = lab().hosts
    const before = await onEachHost(`readlink ${current}; systemctl show -P MainPID ${unit}`)
    project.app.commit('two', 'exits at once')
    const outcome = await deploy()
    expectCode(outcome, 5)
    expect(states(outcome)).toMatchObject({ [placement(first.name)]: 'old' })
    expect(
      runEnd(outcome)
        .errors.flatMap(({ output }) => output)
        .join('\n'),
    ).toMatch('cannot read its settings')
    expect(await pages(port)).toEqual(each('200 one'))
    const after = await onEachHost(`readlink ${current}; systemctl show -P MainPID ${unit}`)
    for (const { name } of others) expect(after[name]).toBe(before[name])
    expect(await onHost(first, `readlink ${current}`)).toBe(before[first.name]?.split('\n')[0])
  })

  it('sees an app that turns healthy and dies two seconds later', async () => {
    await given('one')
    project.app.commit('two', 'dies after two seconds')
    // Four samples span 2.7 s: the gate is still there when the app dies.
    const env = { HEALTH_INTERVAL_MS: '900' }
    const outcome = await project.srv(['deploy', 'production', '--json'], { env })
    expectCode(outcome, 5)
    expect(states(outcome)).toMatchObject({ [placement(lab().hosts[0].name)]: 'old' })
    expect(
      runEnd(outcome)
        .errors.flatMap(({ output }) => output)
        .join('\n'),
    ).toMatch('lost its database')
    expect(await pages(port)).toEqual(each('200 one'))
    expect(await onEachHost(`systemctl is-active ${unit}`)).toEqual(each('active'))
  })

  it('leaves nothing running when the first version of all is broken', async () => {
    project.app.commit('one', 'exits at once')
    const outcome = await deploy()
    expectCode(outcome, 7)
    expect(states(outcome)).toMatchObject({ [placement(lab().hosts[0].name)]: 'down' })
    expect(await onEachHost(`systemctl is-active ${unit} || true`)).toEqual(each('inactive'))
  })

  it('rolls back without an argument', async () => {
    await given('one')
    await given('two')
    const outcome = await project.srv(['rollback', 'production', '--json'])
    expectCode(outcome, 0)
    expect(await pages(port)).toEqual(each('200 one'))
    expect(await onEachHost(`systemctl is-active ${unit}`)).toEqual(each('active'))
  })

  it('refuses to roll back anywhere when one host lacks the release', async () => {
    await given('one')
    const second = lab().hosts[1]
    const old = await onHost(second, `readlink -f ${current}`)
    await given('two')
    await onHost(second, `rm -rf ${old}`)
    const before = await onEachHost(`readlink ${current}; systemctl show -P MainPID ${unit}`)
    const outcome = await project.srv(['rollback', 'production', '--json'])
    expectCode(outcome, 9)
    expect(await onEachHost(`readlink ${current}; systemctl show -P MainPID ${unit}`)).toEqual(before)
    expect(await pages(port)).toEqual(each('200 two'))
  })

  it('changes nothing anywhere when one of the hosts does not answer', async () => {
    const third = lab().hosts[2]
    await given('one')
    const state = `ls -A ${instance}/releases; readlink ${current}; systemctl show -P MainPID ${unit}`
    const before = await onEachHost(state)
    project.app.commit('two')
    const outcome = await whileFrozen(third, () => deploy())
    expectCode(outcome, 4)
    expect(runEnd(outcome)).toMatchObject({ status: 'unreachable' })
    expect(await onEachHost(state)).toEqual(before)
    expect(await pages(port)).toEqual(each('200 one'))
  })

  it('restarts the app, one process for another', async () => {
    await given('one')
    const before = await onEachHost(`systemctl show -P MainPID ${unit}`)
    const outcome = await project.srv(['restart', 'production', '--json'])
    expectCode(outcome, 0)
    const after = await onEachHost(`systemctl show -P MainPID ${unit}; systemctl is-active ${unit}`)
    for (const { name } of lab().hosts) {
      expect(after[name]).toMatch(/^[1-9]\d*\nactive$/)
      expect(after[name]).not.toBe(`${before[name] ?? ''}\nactive`)
    }
    expect(await pages(port)).toEqual(each('200 one'))
  })

  it('serves again after a host was rebooted', async () => {
    await given('one')
    const third = lab().hosts[2]
    await reboot(third)
    await expect.poll(() => page(third, port), { timeout: 30_000 }).toBe('200 one')
  })
})
