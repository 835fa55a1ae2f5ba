import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { processesBelow } from '../support/cli-processes.ts'
import { cliProject, type Project } from '../support/cli-project.ts'
import { runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

/** A proof as the keeper has it. */
interface Proof {
  readonly at: string
  readonly host: string
  readonly seconds: number
  readonly ok: boolean
  readonly checked: readonly string[]
  readonly note: string
}

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('srv restore --rehearse', () => {
  let sshd: Sshd
  let project: Project
  let first = ''
  let id = ''
  /** The processes of what serves. */
  let serving: readonly number[] = []
  const data = (...parts: readonly string[]): string => project.host('web1').path('data', ...parts)
  const vault = (...parts: readonly string[]): string => join(project.folder, 'tank/web1/app', ...parts)
  const scratch = (): string => project.host('web1').path('.rehearsal')
  const proofs = (): readonly Proof[] =>
    readFileSync(vault('rehearsals.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line): Proof => JSON.parse(line))

  function configure(rehearsal: string, instance = ''): void {
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git({ keep: 2 }), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false })]`,
      instance: `git: { shared: ['uploads'] }, backup: { exclude: ['/port'], rehearsal: { ${rehearsal} } }, ${instance}`,
    })
  }

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  const rehearse = (code: number, ...more: readonly string[]): Promise<Outcome> =>
    srv(code, 'restore', 'production', 'app', '--rehearse', ...more)

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.14.1', '127.9.14.2', '127.9.14.3'] })
    project = cliProject(sshd, { web1: {}, nas: {}, web2: {} })
    configure('')
    project.app.commit('v1')
    mkdirSync(data(), { recursive: true })
    writeFileSync(data('file'), 'old')
    symlinkSync(data('file'), data('link'))
    await srv(0, 'deploy', 'production', '--host', 'web2')
    first = project.host('web1').current() ?? ''
    await srv(0, 'backup', 'production')
    id = readdirSync(vault()).find((name) => /^\d{8}T\d{6}Z$/.test(name)) ?? ''
    writeFileSync(data('file'), 'new')
    project.app.commit('v2')
    await srv(0, 'deploy', 'production')
    serving = processesBelow(project.host('web1').path())
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it('starts the release of the snapshot with its data beside what serves, and leaves a proof and nothing else', async () => {
    const holds = [
      '[ "$(cat "$SRV_DATA/file")" = old ]',
      'curl -fs "http://127.0.0.1:$SRV_PORT/" | grep -q \'"version":"v1"\'',
      '[ "$SRV_REHEARSAL $GREETING" = "1 hello" ]',
      '[ "$SRV_DUMPS" = "${SRV_DATA%/data}/dumps" ]',
      // It is a part of the time that is measured.
      'sleep 1',
      'echo written >"$SRV_DATA/link" && [ "$(cat "$SRV_DATA/file")" = written ]',
      'echo written >uploads/here && [ -e "$SRV_DATA/uploads/here" ]',
    ].join(' && ')
    configure(`assert: ${JSON.stringify(holds)}, variables: { GREETING: 'hello' }`)
    await rehearse(0)
    expect(proofs()).toEqual([
      {
        schema: 'srv.rehearsal/1',
        id,
        at: expect.any(String),
        host: 'web1',
        seconds: expect.any(Number),
        ok: true,
        release: first,
        checked: ['data', 'release', 'health', 'assert'],
        note: '',
      },
    ])
    expect(proofs()[0]?.seconds).toBeGreaterThanOrEqual(1)
    expect(readdirSync(data('uploads'))).toEqual([])
    expect(readFileSync(data('file'), 'utf8')).toBe('new')
    await expectNothingLeft()
  })

  const last = (): Proof => proofs().at(-1) ?? expect.fail('there is no proof')
  /** What a rehearsal leaves behind: nothing, and what serves serves. */
  async function expectNothingLeft(): Promise<void> {
    expect(existsSync(scratch())).toBe(false)
    expect(processesBelow(project.host('web1').path())).toEqual(serving)
    expect(await project.host('web1').page()).toMatchObject({ version: 'v2' })
  }

  it('is done on another host when told so, and the proof is kept with the snapshot', async () => {
    configure(`assert: '[ "$(cat "$SRV_DATA/file")" = old ]'`)
    const other = (): string => project.host('web2').path()
    const before = processesBelow(other())
    const outcome = await project.srv(['rehearse', 'production', 'app', '--host', 'web2', '--from', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    expect(last()).toMatchObject({ id, host: 'web2', ok: true, release: first, note: '' })
    expect(existsSync(join(other(), '.rehearsal'))).toBe(false)
    expect(processesBelow(other())).toEqual(before)
    await expectNothingLeft()
  })

  it('says what did not hold, in its own words and in the proof', async () => {
    configure(`assert: 'echo "3 orders, 4 expected"; exit 7'`)
    const outcome = await rehearse(10)
    const said = `The rehearsal of a restore of app on web1 from the snapshot ${id} failed: the assertion did not hold. What serves was not touched.`
    expect(runEnd(outcome).errors.map(({ code, message, output }) => ({ code, message, output }))).toEqual([
      { code: 'SRV-655', message: said, output: ['it exited with status 7'] },
    ])
    expect(last()).toMatchObject({ ok: false, checked: ['data', 'release', 'health'], note: said })
    await expectNothingLeft()
  })

  it('says what did not hold also where the keeper cannot write it down', async () => {
    const lock = vault('.lock')
    configure(`assert: 'rm ${lock}; mkdir ${lock}; exit 7'`)
    const outcome = await rehearse(10)
    rmdirSync(lock)
    expect(runEnd(outcome).errors).toMatchObject([{ code: 'SRV-655', output: ['it exited with status 7'] }])
    const untold = `after the failure: The rehearsal of a restore of app on web1 from the snapshot ${id} failed: its proof could not be written, `
    expect(outcome.stdout).toContain(`"text":"${untold}`)
    await expectNothingLeft()
  })

  it('says why the release is not healthy, with its last lines', async () => {
    configure(`start: 'echo "cannot read the data" >&2; exit 3'`)
    const [error] = runEnd(await rehearse(10)).errors
    expect(error?.message).toContain('was not healthy: exited with status 3.')
    expect(error?.output).toEqual(['exited with status 3', 'cannot read the data'])
    expect(last()).toMatchObject({ ok: false, checked: ['data', 'release'] })
    await expectNothingLeft()
  })

  it('does not start anything with data that are not what they were', async () => {
    const file = vault(id, 'data', 'file')
    const { atime, mtime } = statSync(file)
    configure('')
    writeFileSync(file, 'OLD')
    const [error] = runEnd(await rehearse(10)).errors
    writeFileSync(file, 'old')
    utimesSync(file, atime, mtime)
    expect(error?.output).toEqual(['differs in content time: file'])
    expect(last()).toMatchObject({ ok: false, checked: [] })
    await expectNothingLeft()
  })

  it('leaves nothing after an interrupt', async () => {
    configure(`assert: 'echo asserting; while :; do sleep 0.1; done'`)
    const before = proofs().length
    const run = project.start(['restore', 'production', '--rehearse', '--host', 'web1', '--json'])
    await run.printed('"line":"asserting"')
    expect(processesBelow(scratch())).not.toEqual([])
    run.child.kill('SIGINT')
    const outcome = await run.outcome
    expect(outcome.code, transcript(outcome)).toBe(130)
    expect(proofs()).toHaveLength(before)
    await expectNothingLeft()
  })

  it('is ended by the host when srv is killed, and the next one removes what is left', async () => {
    configure(`assert: 'echo asserting; while :; do sleep 0.1; done'`)
    const run = project.start(['restore', 'production', '--rehearse', '--host', 'web1', '--json'])
    await run.printed('"line":"asserting"')
    expect(processesBelow(scratch())).not.toEqual([])
    run.child.kill('SIGKILL')
    await run.outcome
    await expect.poll(() => processesBelow(scratch()), { timeout: 60_000 }).toEqual([])
    expect(existsSync(scratch())).toBe(true)
    configure('')
    await rehearse(0, '--wait-lock', '2m')
    await expectNothingLeft()
  })

  it('restores the data alone where the release cannot be started, and says so', async () => {
    configure(
      `assert: '[ "$(cat "$SRV_DATA/file") $SRV_RELEASE $GREETING" = "old ${first} hello" ]', variables: { GREETING: 'hello' }`,
      `start: command({ start: 'touch started' }),`,
    )
    await rehearse(0)
    const proof = { ok: true, release: '', checked: ['data', 'assert'] }
    const reason =
      'it is started by commands, which would start the real service: set `rehearsal: { start }` to start something else instead'
    expect(last()).toMatchObject({ ...proof, note: `only the data was restored: ${reason}` })
    rmSync(project.host('web1').path('instances/native/releases', first), { recursive: true })
    configure('')
    await rehearse(0)
    const gone = `only the data was restored: the release ${first} is no longer on the host`
    expect(last()).toMatchObject({ ...proof, checked: ['data'], note: gone })
    await expectNothingLeft()
  })

  it('tells one of the data alone from the newest one that started a release, in status and in the list', async () => {
    configure('')
    await rehearse(0)
    expect(last()).toMatchObject({ ok: true, checked: ['data'] })
    const all = proofs()
    const write = (lines: readonly object[]): void => {
      writeFileSync(vault('rehearsals.jsonl'), lines.map((one) => `${JSON.stringify(one)}\n`).join(''))
    }
    const shown = async (command: 'status' | 'snapshots'): Promise<string> =>
      (await project.srv([command, 'production', '--host', 'web1'])).stdout
    write([last()])
    for (const command of ['status', 'snapshots'] as const)
      expect(await shown(command)).toMatch(/ (now|\d+ s), data only /)
    const whole = {
      ...last(),
      at: new Date(Date.now() - 30 * 86_400_000).toISOString(),
      checked: ['data', 'release', 'health'],
    }
    write([whole, last()])
    for (const command of ['status', 'snapshots'] as const) {
      const text = await shown(command)
      expect(text).toContain(' 30 days ')
      expect(text).not.toContain('data only')
    }
    write([...all, { ...whole, at: new Date().toISOString() }])
  })

  it('shows how old the newest good snapshot and the newest rehearsal are, in status and in the list', async () => {
    const proof = last()
    const status: unknown = JSON.parse((await srv(0, 'status', 'production')).stdout)
    const place = { service: 'app', host: 'web1', on: 'nas', folder: vault() }
    const { checked, seconds, ok, note, at } = proof
    const rehearsal = { id, at, seconds, ok, checked, note }
    expect(status).toMatchObject({ backups: [{ ...place, last_good: id, last_rehearsal: rehearsal, error: null }] })
    const list: unknown = JSON.parse((await srv(0, 'snapshots', 'production')).stdout)
    expect(list).toMatchObject({ snapshots: [{ ...place, id, rehearsed: rehearsal }], errors: [] })
    const shown = await project.srv(['status', 'production', '--host', 'web1'])
    expect(shown.code).toBe(0)
    const age = String.raw`(now|\d+ (s|min))`
    expect(shown.stdout).toMatch(
      new RegExp(`\nSERVICE +HOST +BACKUP +REHEARSED +WHERE\napp +web1 +${age} +${age} +nas:`),
    )
  })

  it('tells in status which keeper cannot be asked, and fails for what serves alone', async () => {
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: ['nobody@127.0.0.1:/tank', { folder: 'nas:${project.folder}/tank', way: 'laptop' }] })]`,
    })
    const shown = await srv(0, 'status', 'production')
    expect(JSON.parse(shown.stdout)).toMatchObject({
      backups: [
        { on: '127.0.0.1', last_good: null, last_rehearsal: null, error: { code: expect.stringMatching(/^SRV-2/) } },
        { on: 'nas', last_good: id, error: null },
      ],
    })
  })
})
