import { execFileSync } from 'node:child_process'
import { existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sh } from '../../../src/shell/script.ts'
import { createPool, type Pool } from '../../../src/transport/pool.ts'
import { relay } from '../../../src/transport/relay.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import { accountsIn, noAccounts, type Account, type Accounts } from '../../support/accounts.ts'
import { hostOf } from '../../support/hosts.ts'
import { isRunning } from '../../support/processes.ts'
import { refusalOf } from '../../support/refusal.ts'
import { isRequired } from '../../support/programs.ts'
import { startSshd, type Sshd } from '../../support/sshd.ts'

describe.skipIf(noAccounts !== undefined && !isRequired)(
  `accounts that are not root${noAccounts === undefined ? '' : ` (skipped: ${noAccounts})`}`,
  () => {
    let sshd: Sshd
    let accounts: Accounts
    let pool: Pool
    let plain: Account
    let trusted: Account
    const as = (account: Account): Promise<Transport> =>
      pool.get(hostOf(sshd, { name: account.name, user: account.name }))

    beforeAll(async () => {
      if (noAccounts !== undefined) throw new Error(noAccounts)
      sshd = await startSshd({ anyAccount: true })
      accounts = accountsIn(sshd.folder)
      plain = accounts.make('plain', '/bin/sh')
      trusted = accounts.make('trusted', '/bin/sh')
      accounts.allowSudo(trusted, 'NOPASSWD')
      pool = createPool({
        warn(message) {
          throw new Error(message)
        },
      })
    })
    afterAll(async () => {
      await pool.close()
      await sshd.stop()
      accounts.remove()
    })

    const idle = 'sleep 300 & echo "$$ $!"; wait'
    async function abort(account: Account, sudo: boolean) {
      const cancel = new AbortController()
      const { end, stdout } = await (
        await as(account)
      ).exec(idle, {
        sudo,
        signal: cancel.signal,
        onOutput: () => {
          cancel.abort()
        },
      })
      return {
        end,
        running: stdout
          .trim()
          .split(' ')
          .map((pid) => isRunning(Number(pid))),
      }
    }

    test('a script runs as the user, and as root when it asks for it', async () => {
      const transport = await as(trusted)
      const whoami = async (sudo: boolean) => (await transport.exec('id -un; pwd', { sudo })).stdout
      expect([await whoami(false), await whoami(true)]).toEqual([
        `${trusted.name}\n${trusted.home}\n`,
        `root\n${trusted.home}\n`,
      ])
    })

    test('streams, exit status and 300 kB of script pass through sudo', async () => {
      const script = `printf '%s' '${'x'.repeat(300_000)}' | wc -c; cat; echo err >&2; exit 7`
      const { end, stdout, stderr } = await (await as(trusted)).exec(script, { sudo: true })
      expect({ end, stdout, stderr }).toEqual({ end: { kind: 'exit', code: 7 }, stdout: '300000\n', stderr: 'err\n' })
    })

    test('a cancelled command ends with all that it started', async () => {
      expect(await abort(plain, false)).toEqual({ end: { kind: 'cancelled', stopped: true }, running: [false, false] })
    })

    test('a cancelled command of root ends with all that it started', async () => {
      expect(await abort(trusted, true)).toEqual({ end: { kind: 'cancelled', stopped: true }, running: [false, false] })
    })

    test('who may not become root is told how to', async () => {
      expect(await refusalOf((await as(plain)).exec('touch /srv-was-here', { sudo: true }))).toEqual({
        code: 'SRV-216',
        exitCode: 9,
        message: `${plain.name}: ${plain.name} cannot become root there: sudo ended with exit code 1.`,
        hint: `Allow it without a password, with a file in /etc/sudoers.d on ${plain.name}: \`${plain.name} ALL=(root) NOPASSWD: ALL\`.`,
        output: ['sudo: a password is required'],
      })
      expect(existsSync('/srv-was-here')).toBe(false)
    })

    test('an account whose shell runs nothing is told from a script that fails', async () => {
      const nobody = accounts.make('nologin', '/usr/sbin/nologin')
      expect(await refusalOf((await as(nobody)).exec('exit 0'))).toEqual({
        code: 'SRV-215',
        exitCode: 4,
        message: `${nobody.name}: the login as ${nobody.name} works, but no command can run there: the shell ended with exit code 1 before the script began.`,
        hint: `Give ${nobody.name} a shell that runs commands: \`getent passwd ${nobody.name}\` on ${nobody.name} shows the one it has.`,
        output: ['This account is currently not available.'],
      })
      const channel = await (await as(nobody)).open('echo out')
      channel.stderr.resume()
      const [stdout, end] = await Promise.all([text(channel.stdout), channel.end])
      expect({ stdout, end }).toEqual({ stdout: '', end: { kind: 'exit', code: 1 } })
    })

    /** Log-in shells, with what makes them noisy. */
    const shells: readonly (readonly [string, (account: Account) => void])[] = [
      ['/usr/bin/dash', () => undefined],
      ['busybox ash', () => undefined],
      [
        '/bin/bash',
        ({ home }) => {
          writeFileSync(join(home, '.bashrc'), 'echo "Welcome to the machine"; printf "no line end" >&2\n')
        },
      ],
      ['/usr/bin/fish', () => undefined],
    ]
    const pathOf = (shell: string): string => {
      if (shell !== 'busybox ash') return shell
      const link = join(sshd.folder, 'ash')
      symlinkSync('/bin/busybox', link)
      return link
    }

    describe.each(shells)('whose log-in shell is %s', (shell, prepare) => {
      test.skipIf(!existsSync(shell.split(' ')[0] === 'busybox' ? '/bin/busybox' : shell))(
        'is a host like any other',
        async () => {
          const account = accounts.make(shell.replace(/^.*[/ ]/, ''), pathOf(shell))
          prepare(account)
          const transport = await as(account)
          const word = `x'; echo INJECTED; # $(id) \`id\` "$HOME" \\ \n end`
          const { end, stdout, stderr } = await transport.exec(sh`printf '%s' ${word}; echo err >&2; exit 3`)
          expect({ end, stdout, stderr }).toEqual({ end: { kind: 'exit', code: 3 }, stdout: word, stderr: 'err\n' })

          const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
          const channel = await transport.open('cat')
          channel.stderr.resume()
          channel.stdin.end(bytes)
          const [echoed, rawEnd] = await Promise.all([channel.stdout.toArray(), channel.end])
          expect(rawEnd).toEqual({ kind: 'exit', code: 0 })
          expect(Buffer.concat(echoed as Buffer[]).equals(bytes)).toBe(true)

          expect(await abort(account, false)).toEqual({
            end: { kind: 'cancelled', stopped: true },
            running: [false, false],
          })
        },
      )
    })

    test('a shell that says something by itself does not get into the way of git', async () => {
      const noisy = accounts.make('noisy', '/bin/bash')
      writeFileSync(join(noisy.home, '.bashrc'), 'echo Welcome\n')
      const work = join(sshd.folder, 'work')
      execFileSync('git', ['init', '-q', '-b', 'main', work])
      const author = ['-c', 'user.name=me', '-c', 'user.email=me@example.org']
      execFileSync('git', [...author, '-C', work, 'commit', '-q', '--allow-empty', '-m', 'one'])
      const path = join(noisy.home, 'code.git')
      const { end } = await relay(await as(noisy), {
        argv: ['git', 'push', '-q', `srv:${path}`, 'HEAD:refs/heads/main'],
        cwd: work,
        shellVariable: 'GIT_SSH_COMMAND',
        before: sh`git init -q --bare ${path}`,
      })
      expect(end).toEqual({ kind: 'exit', code: 0 })
    })
  },
)
