import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { startSshd, type Sshd } from '../support/sshd.ts'

describe('srv restore --rehearse', () => {
  let sshd: Sshd
  let project: Project
  let first = ''
  let id = ''
  const data = (...parts: readonly string[]): string => project.host('web1').path('data', ...parts)
  const vault = (...parts: readonly string[]): string => join(project.folder, 'tank/web1/app', ...parts)
  const scratch = (): string => project.host('web1').path('.rehearsal')
  const proofs = (): readonly unknown[] =>
    readFileSync(vault('rehearsals.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line))

  function configure(rehearsal: string, instance = ''): void {
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git({ keep: 2 }), rsyncBackup({ to: 'nas:${project.folder}/tank', acls: false, xattrs: false })]`,
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
    sshd = await startSshd({ addresses: ['127.9.14.1', '127.9.14.2'] })
    project = cliProject(sshd, { web1: {}, nas: {} })
    configure('')
    project.app.commit('v1')
    mkdirSync(data(), { recursive: true })
    writeFileSync(data('file'), 'old')
    await srv(0, 'deploy', 'production')
    first = project.host('web1').current() ?? ''
    await srv(0, 'backup', 'production')
    id = readdirSync(vault()).find((name) => /^\d{8}T\d{6}Z$/.test(name)) ?? ''
    writeFileSync(data('file'), 'new')
    project.app.commit('v2')
    await srv(0, 'deploy', 'production')
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it('starts the release of the snapshot with its data beside what serves, and leaves a proof and nothing else', async () => {
    const pid = project.host('web1').pid()
    const holds = [
      '[ "$(cat "$SRV_DATA/file")" = old ]',
      'curl -fs "http://127.0.0.1:$SRV_PORT/" | grep -q \'"version":"v1"\'',
      '[ "$SRV_REHEARSAL $GREETING" = "1 hello" ]',
      'echo written >uploads/here && [ -e "$SRV_DATA/uploads/here" ]',
    ].join(' && ')
    configure(`assert: ${JSON.stringify(holds)}, variables: { GREETING: 'hello' }`)
    await rehearse(0)
    expect(proofs()).toEqual([
      {
        schema: 'srv.rehearsal/1',
        id,
        at: expect.any(String),
        seconds: expect.any(Number),
        ok: true,
        release: first,
        checked: ['data', 'release', 'health', 'assert'],
        note: '',
      },
    ])
    expect(existsSync(scratch())).toBe(false)
    expect(readdirSync(data('uploads'))).toEqual([])
    expect(readFileSync(data('file'), 'utf8')).toBe('new')
    expect(await project.host('web1').page()).toMatchObject({ version: 'v2' })
    expect(project.host('web1').pid()).toBe(pid)
  })
})
