import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

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

/** Looks at the argument lists of all processes of this machine, which is laptop and host at once, until it is stopped. */
function watchArguments(): () => readonly string[] {
  const seen = new Set<string>()
  const timer = setInterval(() => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const text = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        if (forbidden.some((value) => text.includes(value))) seen.add(text)
      } catch {
        // Gone by now.
      }
    }
  }, 100)
  return () => {
    clearInterval(timer)
    return [...seen]
  }
}

/** An app that says in its log all that it was given. */
const talkative = `import { writeFileSync, renameSync } from 'node:fs'
import { createServer } from 'node:http'
console.log('given: ' + process.env.PLAIN + ' and ' + process.env.QUOTED)
const server = createServer((request, response) => response.end('{}')).listen(0, '127.0.0.1', () => {
  writeFileSync(process.env.SRV_DATA + '/port.new', String(server.address().port))
  renameSync(process.env.SRV_DATA + '/port.new', process.env.SRV_DATA + '/port')
})
`

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('the values of secrets', () => {
  let sshd: Sshd
  let project: Project
  const configure = (build: string): void => {
    project.configure({
      head: `import { secret } from 'srvkit'\nimport { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: ${JSON.stringify(join(project.folder, 'tank'))}, acls: false, xattrs: false })]`,
      environments: `gone: { hosts: { away: { address: '127.9.3.1', port: 1, sshConfig: ${JSON.stringify(project.sshConfig)} } } },`,
      instance: `build: ${JSON.stringify(build)}, env: { PLAIN: secret('PLAIN'), QUOTED: secret('QUOTED'), LINES: secret('LINES') },`,
    })
  }

  /** Runs a command with the secrets set, and looks for them in all that is shown and kept. */
  async function quiet(args: readonly string[], code: number): Promise<Outcome> {
    const stop = watchArguments()
    const outcome = await project.srv(args, { env: canaries })
    expect(stop(), 'argument lists').toEqual([])
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
    project.app.commit('one', { files: { 'app.mjs': talkative } })
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
      ['update', 'production', '--force', '-vv'],
      ['backup', 'production', '-vv'],
      ['snapshots', 'production'],
      ['snapshots', 'production', '--json'],
      ['verify', 'production', '-vv'],
      ['prune', 'production', '-vv'],
      ['restore', 'production', '--host', 'web1', '--confirm', 'app@web1', '-vv'],
      ['config', 'production'],
      ['config', 'production', '--json'],
      ['explain', 'SRV-501'],
      ['stop', 'production', '-vv'],
      ['start', 'production', '-vv'],
      ['ps', 'production'],
      ['ps', 'production', '--json'],
      ['logs', 'production', '--json'],
      ['exec', 'production', '--', 'true'],
      ['lock', 'release', 'production', 'app'],
      ['hosts', 'trust', 'production', 'web1', '--yes'],
      ['sandbox', 'status'],
      ['lock', 'status', 'production'],
      ['runs', 'list', '--json'],
      ['runs', 'show', '--json'],
    ].map((args) => ({ args, line: args.join(' ') })),
  )('are in nothing that srv $line shows or keeps', async ({ args }) => {
    await quiet(args, 0)
  })

  it('are masked where an app or a command says them', async () => {
    const logs = await quiet(['logs', 'production', '--host', 'web1'], 0)
    expect(logs.stdout).toContain('given: *** and ***')
    const file = project.host('web1').path('instances/native/current/.env')
    for (const flags of [[], ['--json'], ['--raw']])
      await quiet(['exec', 'production', '--host', 'web1', ...flags, '--', 'cat', file], 0)
    const failed = ['sh', '-c', `cat ${file}; cat ${file} >&2; exit 3`]
    await quiet(['exec', 'production', '--host', 'web1', '--', ...failed], 5)
  })

  it.each(
    [
      ...['deploy', 'update', 'rollback', 'restart', 'start', 'stop', 'plan', 'status', 'releases', 'logs', 'ps'],
      ...[
        'doctor',
        'lock status',
        'deploy --json',
        'status --json',
        'backup',
        'verify',
        'prune',
        'restore',
        'snapshots',
      ],
    ].map((words) => ({ words })),
  )('are in nothing that srv $words shows when the host is away', async ({ words }) => {
    await quiet([...words.split(' '), 'gone'], 4)
  })

  it.each([
    [['exec', 'gone', '--', 'true'], 4],
    [['lock', 'release', 'gone', 'app'], 4],
    [['hosts', 'trust', 'gone', 'away', '--yes'], 4],
    [['rollback', 'production', '--to', 'no-such-release'], 9],
    [['runs', 'show', 'no-such-run'], 2],
    [['tasks', '--no-such-flag'], 2],
    [['sandbox', 'no-such-word'], 2],
  ] as const)('are in nothing that srv %j shows when it fails', async (args, code) => {
    await quiet(args, code)
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
