import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeLab, onHost, page } from '../hosts.ts'
import { transcript, type Outcome } from '../project.ts'
import { composeProject, containers, first, removeProjects, saidBy, statesOf, type ComposeProject } from './project.ts'

const service = 'lab-mounts'
const port = 8175
const instance = `${service}/docker@${first().name}`

function expectCode(outcome: Outcome, code: number): void {
  expect(outcome.code, transcript(outcome)).toBe(code)
}

/** Runs a command in the container of `web`, as root. */
function inside(command: string): Promise<string> {
  return onHost(first(), `docker exec ${service}-web-1 /bin/busybox sh -c '${command}'`)
}

describeLab('what an app writes', () => {
  let project: ComposeProject

  beforeEach(() => removeProjects(service))
  afterEach(async () => {
    project.remove()
    await removeProjects(service)
  })

  it('into what it mounts of the release stays, is no reason for a deploy, and is not hidden by one', async () => {
    project = composeProject(service)
    // Docker makes what it mounts others on: a folder and a file.
    const within = '"./www:/www/html/pages:ro", "./www/index.html:/www/html/page:ro"'
    const version = (html: string, mode = '') => ({
      port,
      web: `    volumes: [ "./html:/www/html${mode}", "./same:/same${mode}", "\${SRV_DATA}/up:/up"${mode === '' ? `, ${within}` : ''} ]\n`,
      files: { 'html/file': html, 'same/file': html },
    })
    expectCode(await project.deploy('one', version('one')), 0)
    // Root's own, where the log-in user is not root.
    await inside('umask 077; echo precious > /www/html/photo; mkdir /www/html/sub; echo more > /www/html/sub/photo')
    expect(await inside('ls /same')).toBe('file')
    const { stdout } = await project.srv(['status', 'production', '--json'])
    const { drift } = (JSON.parse(stdout) as { instances: { drift: string[] }[] }).instances[0] ?? {}
    expect(drift).toEqual([expect.stringMatching(/^the app wrote into a mount from the release: .*: photo, sub$/)])
    const before = await containers(first(), service)
    const again = await project.deploy('one', version('one'))
    expectCode(again, 0)
    expect(statesOf(again)).toEqual({ [instance]: 'unchanged' })
    expect(await containers(first(), service)).toEqual(before)

    // Another version with the same folder.
    expectCode(await project.deploy('two', version('one')), 0)
    expect(await page(first(), port)).toBe('200 two')
    expect(await inside('cat /www/html/photo /www/html/sub/photo')).toBe('precious\nmore')

    const served = await containers(first(), service)
    const refused = await project.deploy('three', version('two'))
    expectCode(refused, 5)
    expect(saidBy(refused)).toMatch(/The app wrote into \.\/html, .*: photo, sub\. .* cp -a '/)
    expect(await containers(first(), service)).toEqual(served)
    expect(await inside('cat /www/html/photo')).toBe('precious')

    // The user says that it is code: what was written is kept all the same, also when no release has it any more.
    expectCode(await project.deploy('three', version('two', ':ro')), 0)
    expect(await inside('ls /www/html')).toBe('file')
    expectCode(await project.srv(['rollback', 'production']), 0)
    expect(await inside('cat /www/html/photo')).toBe('precious')
  })

  it('is never brought into the release, where there is a folder for it', async () => {
    project = composeProject(service)
    const web = '    volumes: [ "./uploads:/up" ]\n'
    const files = { 'uploads/.gitkeep': '' }
    const refused = await project.deploy('one', { port, web, files })
    expect(saidBy(refused)).toContain(`let git keep it there: shared: ['uploads']`)
    project.remove()

    project = composeProject(service, { git: `source: 'files', path: 'app', shared: ['uploads']` })
    expectCode(await project.deploy('one', { port, web, files }), 0)
    await inside('umask 077; echo precious > /up/photo')
    for (const version of ['one', 'two']) {
      const outcome = await project.deploy(version, { port, web, files })
      expectCode(outcome, 0)
      expect(statesOf(outcome)).toEqual({ [instance]: version === 'one' ? 'unchanged' : 'new' })
      expect(await inside('cat /up/photo')).toBe('precious')
    }
    expect(await onHost(first(), `cat /srv/${service}/data/uploads/photo`)).toBe('precious')
  })
})
