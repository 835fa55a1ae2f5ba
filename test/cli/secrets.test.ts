import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { transcript, type Outcome } from '../support/cli-run.ts'
import { startSshd, type Sshd } from '../support/sshd.ts'

/** Values that must never be seen: a plain one, one that needs quoting, and one of several lines. */
const canaries = {
  PLAIN: 'canary-plain-7f3a9c',
  QUOTED: `canary 'quoted" $HOME \`id\` \\ 81b2`,
  LINES: 'canary-line-one-55d1\ncanary-line-two-90ee',
} as const

/** What must not be found anywhere: the values, their lines, and their encodings. */
const forbidden = Object.values(canaries).flatMap((value) => [
  ...value.split('\n'),
  Buffer.from(value).toString('base64'),
  encodeURIComponent(value),
])

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
}

describe('the values of secrets', () => {
  let sshd: Sshd
  let project: Project
  const configure = (build: string): void => {
    project.configure({
      head: `import { secret } from 'srvkit'`,
      instance: `build: ${JSON.stringify(build)}, env: { PLAIN: secret('PLAIN'), QUOTED: secret('QUOTED'), LINES: secret('LINES') },`,
    })
  }

  /** Runs a command with the secrets set, and looks for them in all that is shown and kept. */
  async function quiet(args: readonly string[], code: number): Promise<Outcome> {
    const outcome = await project.srv(args, { env: canaries })
    expect(outcome.code, transcript(outcome)).toBe(code)
    for (const value of forbidden) {
      expect(outcome.stdout, 'stdout').not.toContain(value)
      expect(outcome.stderr, 'stderr').not.toContain(value)
      for (const file of filesBelow(join(project.folder, '.srv')))
        expect(readFileSync(file, 'utf8'), file).not.toContain(value)
      expect(sshd.log(), 'command lines that sshd was asked for').not.toContain(value)
    }
    return outcome
  }

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.3.1', '127.9.3.2'], config: ['LogLevel DEBUG3'] })
    project = cliProject(sshd)
    // The build shows the environment, and every process of the host with its arguments, as a careless one does.
    configure('env; cat .env; ps axww -o args; echo "$PLAIN" | base64; echo "$LINES" >&2')
    project.app.commit('one')
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it.each([[[]], [['-vvv']], [['--json']], [['--plain', '-vv']]])(
    'are in nothing that a deploy shows or keeps (%j)',
    async (flags) => {
      const outcome = await quiet(['deploy', 'production', '--force', ...flags], 0)
      if (flags.includes('-vvv')) expect(outcome.stderr).toContain('PLAIN=***')
    },
  )

  it('are in the file of the app, which only its user can read, as they are', () => {
    const file = project.host('web1').path('instances/native/current/.env')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const shown = execFileSync('sh', ['-c', `set -a; . "$1"; printf '%s\\0' "$PLAIN" "$QUOTED" "$LINES"`, 'sh', file], {
      encoding: 'utf8',
    })
    expect(shown.split('\0').slice(0, 3)).toEqual(Object.values(canaries))
  })

  it.each(
    [
      ['plan', 'production', '-vvv'],
      ['plan', 'production', '--json'],
      ['deploy', 'production', '--dry-run', '--force', '-vv'],
      ['status', 'production', '--json'],
      ['releases', 'production'],
      ['logs', 'production'],
      ['tasks', '--json'],
      ['hosts', 'list', 'production', '--json'],
      ['doctor', 'production'],
      ['restart', 'production', '-v'],
      ['lock', 'status', 'production'],
      ['runs', 'list', '--json'],
      ['runs', 'show', '--json'],
    ].map((args) => ({ args, line: args.join(' ') })),
  )('are in nothing that srv $line shows or keeps', async ({ args }) => {
    await quiet(args, 0)
  })

  it('are in nothing that a failed build leaves, neither on the screen nor in the journal', async () => {
    configure('env; echo "cannot log in with $PLAIN and $QUOTED" >&2; exit 7')
    project.app.commit('two')
    const outcome = await quiet(['deploy', 'production', '-vvv'], 5)
    expect(outcome.stderr).toContain('cannot log in with *** and ***')
    await quiet(['deploy', 'production', '--json'], 5)
  })

  it('are in nothing that a failed health check leaves', async () => {
    configure('true')
    project.app.commit('three', { behaviour: 'exits at once', files: {} })
    await quiet(['deploy', 'production', '-vvv'], 5)
    await quiet(['rollback', 'production', '-v'], 0)
  })

  it('are asked for by name when they are not set, before anything is changed', async () => {
    const outcome = await project.srv(['deploy', 'production', '--force'])
    expect(outcome.code, transcript(outcome)).toBe(2)
    expect(outcome.stderr).toContain('SRV-121 local git:resolve: The secret PLAIN could not be read: it is not set.')
  })
})
