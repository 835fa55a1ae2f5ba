import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandNames } from '../../src/cli/commands.ts'
import { stockPipelineNames } from '../../src/config/stock.ts'
import { cliProject, type Project } from '../support/cli-project.ts'
import { startProgram, transcript, type Outcome } from '../support/cli-run.ts'
import { program, projectFolder, type ProjectFolder } from '../support/project-folder.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'
import packageJson from '../../package.json' with { type: 'json' }

describe.skipIf(!hasSshd)('what srv says about itself', () => {
  let sshd: Sshd
  let project: Project
  const marker = (): string => join(project.folder, 'the-config-was-run')

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.0.1'] })
    project = cliProject(sshd, { web1: {} })
    const text = `import { writeFileSync } from 'node:fs'
writeFileSync(${JSON.stringify(marker())}, '')
throw new Error('the config was run')
`
    writeFileSync(join(project.folder, 'srv.config.ts'), text)
    mkdirSync(join(project.folder, 'elsewhere'))
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it('does not mind a reader that goes away', async () => {
    const running = startProgram([program, '--help'], project.folder, {})
    running.child.stdout?.destroy()
    expect(await running.outcome).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  /** Runs srv, and expects that it ends well without having contacted anybody. */
  async function calm(...args: readonly string[]): Promise<Outcome> {
    const log = sshd.log()
    const outcome = await project.srv(args)
    expect(outcome.code, transcript(outcome)).toBe(0)
    expect(outcome.stderr).toBe('')
    expect(sshd.log()).toBe(log)
    return outcome
  }

  /** The same, without having run the config. */
  async function harmless(...args: readonly string[]): Promise<Outcome> {
    rmSync(marker(), { force: true })
    const outcome = await calm(...args)
    expect(existsSync(marker())).toBe(false)
    return outcome
  }

  it.each([['--version'], ['-V']])('prints the version with %s', async (flag) => {
    expect((await harmless(flag)).stdout).toBe(`${packageJson.version}\n`)
  })

  it.each([[['--help']], [['-h']], [[]]])('prints all commands with %j', async (args) => {
    const { stdout } = await harmless(...args)
    const listed = stdout.split('\n').flatMap((line) => /^ {2}([a-z-]+) {2,}\S/.exec(line)?.[1] ?? [])
    expect(listed).toEqual(commandNames)
    expect(stdout).toMatchInlineSnapshot(`
      "Usage: srv <command> <environment> [service[/instance] …] [options]

      Commands
        deploy              bring services up to date, on one host first and then by turns
        update              the same as deploy
        rollback            go back to the previous release
        rollback-with-data  the same as rollback --with-data
        restart             restart services and check that they are healthy
        start               start services
        stop                stop services
        scale               change how many containers a service of a swarm has: srv scale production shop --replicas web=3
        backup              make a snapshot of the data of services
        verify              compare a snapshot with its manifest (read-only)
        prune               remove snapshots that no retention rule keeps
        restore             replace the data of services with a snapshot
        rehearse            restore a snapshot next to the running service, start it, and remove it again
        extract             put a snapshot into a folder on its host, the same as restore --to
        schedule            scheduled backups, made without this machine: srv schedule install production
        unschedule          the same as schedule remove
        snapshots           list the snapshots that can be restored (read-only)
        plan                show what a pipeline would do on each host (read-only)
        status              show what serves where, since when, and whether it is healthy (read-only)
        releases            list the releases that can be rolled back to (read-only)
        logs                show the apps' own logs, from several hosts at once (read-only)
        ps                  list the processes or containers of instances (read-only)
        exec                run a command on each host: srv exec production -- uptime
        doctor              check every host without changing anything (read-only)
        runs                list earlier runs from this machine, and show what happened in each (read-only)
        lock                show who holds the lease of a service, or release it: srv lock status production
        tasks               list the tasks and pipelines of this project (read-only)
        config              show the config as srv understood it, for one environment (read-only)
        explain             explain what an error means and what to do about it: srv explain SRV-501 (read-only)
        hosts               list hosts; trust the key of a new one: srv hosts trust production web1 (changes this machine)
        sandbox             show or stop the built-in practice hosts (changes this machine)
        <pipeline>          a pipeline of your srv.config.ts: srv tasks lists them

      Options of every command
        --help, --version, --config <path>, --json, --plain, -v

      srv <command> --help shows the rest: inside a project also the flags of its tasks.
      "
    `)
  })

  const withFlags: readonly string[] = [...stockPipelineNames, 'plan'].filter((name) => name !== 'schedule')

  it.each(commandNames.map((name) => [name]))('prints the help of %s', async (name) => {
    const { stdout } = await (withFlags.includes(name) ? calm(name, '--help') : harmless(name, '--help'))
    expect(stdout.split('\n')[0]).toMatch(new RegExp(`^Usage: srv ${name} `))
    expect(stdout).toContain('--config <path>')
  })

  it('prints the help of any pipeline, and of a command whose other words are wrong', async () => {
    expect((await calm('my-pipeline', '--help')).stdout).toContain('Usage: srv my-pipeline ')
    expect((await calm('deploy', 'nowhere', '--help')).stdout).toContain('Usage: srv deploy ')
    expect((await calm('deploy', '--help', '--config')).stdout).toContain('Usage: srv deploy ')
  })

  it('says in one line why the flags of tasks are missing in the help', async () => {
    const last = ({ stdout }: Outcome): string | undefined => stdout.trimEnd().split('\n').at(-1)
    expect(last(await calm('restore', 'production', '--help'))).toMatch(
      /^The flags of its tasks cannot be listed: .*srv\.config\.ts failed while it was loaded, at .*: the config was run\. Nothing was contacted\.$/,
    )
    writeFileSync(join(project.folder, 'other.ts'), 'export default 1')
    expect(last(await calm('restore', '--config', 'other.ts', '--help'))).toMatch(
      /^The flags of its tasks cannot be listed: .*other\.ts has a number as its default export/,
    )
    const outside = await project.srv(['restore', '--help'], { cwd: '/' })
    expect(outside.code, transcript(outside)).toBe(0)
    expect(last(outside)).toBe('Inside a project, this help also lists the flags of its tasks.')
  })

  it('would notice: a command that needs the config runs it', async () => {
    rmSync(marker(), { force: true })
    const outcome = await project.srv(['tasks'])
    expect(outcome.code).toBe(2)
    expect(existsSync(marker())).toBe(true)
  })
})

/** Nobody may contact these hosts; `say` is a task of one environment only. */
const ownConfig = `import { defineConfig, defineTask } from 'srvkit'
import { git } from 'srvkit/git'
import { rsyncBackup } from 'srvkit/rsync-backup'

const say = defineTask({
  title: 'Say it',
  on: 'instance',
  applies: ({ host }) => host.name === 'spare',
  flags: {
    word: { type: 'string', description: 'What to say', value: 'text', default: 'hello' },
    loud: { type: 'boolean', description: 'Say it loudly' },
  },
  run: () => {},
})

export default defineConfig({
  environments: {
    production: { hosts: { web1: { address: '192.0.2.1' }, nas: { address: '192.0.2.2' } } },
    spare: { hosts: { spare: { address: '192.0.2.3' }, nas: { address: '192.0.2.2' } } },
  },
  plugins: [git(), rsyncBackup({ to: { folder: 'nas:/tank', way: 'laptop' } })],
  services: { app: { repository: './app', instances: { native: { kind: 'native' } } } },
  tasks: { say },
  pipelines: { mine: ['backup:verify', 'say'], stop: ['say'] },
})
`

describe('what srv says about the pipelines of a project', () => {
  let project: ProjectFolder

  beforeAll(() => {
    project = projectFolder('help')
    project.writeFile('srv.config.ts', ownConfig)
  })
  afterAll(() => {
    project.remove()
  })

  /** The options in the help of a command line that are not of every command. */
  async function optionsOf(line: string): Promise<readonly string[]> {
    const outcome = await project.srv([...line.split(' '), '--help'])
    expect(outcome, transcript(outcome)).toMatchObject({ code: 0, stderr: '' })
    const found = outcome.stdout.split('\n').flatMap((one) => /^ {2}(?:-\w, )?--([a-z-]+)/.exec(one)?.[1] ?? [])
    const common = ['config', 'json', 'plain', 'verbose', 'host', 'tag', 'dry-run', 'yes', 'wait-lock', 'help']
    return found.filter((one) => !common.includes(one))
  }

  it.each([
    ['deploy', ['force', 'ref']],
    ['rollback', ['force', 'with-data', 'to']],
    ['rollback --with-data', ['force', 'to', 'source']],
    ['restart', []],
    ['backup', ['allow-shrunk', 'adopt']],
    ['verify', ['snapshot', 'at', 'level']],
    ['backup verify production', ['snapshot', 'at', 'level']],
    ['prune', ['pin', 'unpin', 'unfinished', 'old-data', 'older-than']],
    [
      'restore',
      ['rehearse', 'snapshot', 'at', 'from', 'source', 'path', 'dumps', 'without-old-dumps', 'confirm', 'to'],
    ],
    ['restore production --rehearse', ['snapshot', 'at', 'from', 'source']],
    ['restore production app --to /found', ['snapshot', 'at', 'from', 'source', 'path', 'to']],
    ['plan --pipeline rollback', ['force', 'pipeline', 'detailed-exitcode', 'to']],
    ['mine', ['force', 'snapshot', 'at', 'level', 'word', 'loud']],
    ['mine production', ['force', 'snapshot', 'at', 'level']],
    ['stop spare', ['force', 'word', 'loud']],
  ])('srv %s --help', async (line, options) => {
    expect(await optionsOf(line)).toEqual(options)
  })

  it('has them in a group of their own, as their tasks describe them', async () => {
    const { stdout } = await project.srv(['stop', '--help'])
    expect(stdout.slice(stdout.indexOf('  -h, --help'))).toMatchInlineSnapshot(`
      "  -h, --help          display help for command

      Flags of its tasks:
        --word <text>       What to say (default: "hello")
        --loud              Say it loudly
      "
    `)
  })

  it('names a pipeline that the project does not have', async () => {
    const { code, stdout } = await project.srv(['nine', '--help'])
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      'The flags of its tasks cannot be listed: No command or pipeline is called nine. Did you mean mine? Nothing was contacted.',
    )
  })
})
