import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandNames } from '../../src/cli/commands.ts'
import { cliProject, type Project } from '../support/cli-project.ts'
import { startProgram, transcript, type Outcome } from '../support/cli-run.ts'
import { program } from '../support/project-folder.ts'
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

  /** Runs srv, and expects that it ends well without having run the config or contacted anybody. */
  async function harmless(...args: readonly string[]): Promise<Outcome> {
    const log = sshd.log()
    const outcome = await project.srv(args)
    expect(outcome.code, transcript(outcome)).toBe(0)
    expect(outcome.stderr).toBe('')
    expect(existsSync(marker())).toBe(false)
    expect(sshd.log()).toBe(log)
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

      srv <command> --help shows the rest.
      "
    `)
  })

  it.each(commandNames.map((name) => [name]))('prints the help of %s', async (name) => {
    const { stdout } = await harmless(name, '--help')
    expect(stdout.split('\n')[0]).toMatch(new RegExp(`^Usage: srv ${name} `))
    expect(stdout).toContain('--config <path>')
  })

  it('prints the help of any pipeline, and of a command whose other words are wrong', async () => {
    expect((await harmless('my-pipeline', '--help')).stdout).toContain('Usage: srv my-pipeline ')
    expect((await harmless('deploy', 'nowhere', '--help')).stdout).toContain('Usage: srv deploy ')
  })

  it('would notice: a command that needs the config runs it', async () => {
    const outcome = await project.srv(['tasks'])
    expect(outcome.code).toBe(2)
    expect(existsSync(marker())).toBe(true)
  })
})
