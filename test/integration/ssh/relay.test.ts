import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { sh } from '../../../src/shell/script.ts'
import { createPool, type Pool } from '../../../src/transport/pool.ts'
import { relay } from '../../../src/transport/relay.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import { hostOf } from '../../support/hosts.ts'
import { hasSshd, startSshd, type Sshd } from '../../support/sshd.ts'

function has(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(!hasSshd)('tools of the laptop over the open connection', () => {
  let sshd: Sshd
  let pool: Pool
  let transport: Transport
  let work: string
  const git = (...args: readonly string[]): string => execFileSync('git', args, { cwd: work, encoding: 'utf8' }).trim()
  const push = (path: string) => ({
    argv: ['git', 'push', '-q', `ssh://srv${path}`, 'HEAD:refs/heads/main'] as const,
    cwd: work,
    shellVariable: 'GIT_SSH_COMMAND',
  })

  beforeAll(async () => {
    sshd = await startSshd()
    pool = createPool({ warn: () => undefined })
    transport = await pool.get(hostOf(sshd))
    work = join(sshd.folder, 'work')
    mkdirSync(work)
    git('init', '-q', '-b', 'main')
    writeFileSync(join(work, 'file'), Buffer.alloc(3_000_000, 'some text that is no single letter'))
    git('add', 'file')
    git('-c', 'user.name=me', '-c', 'user.email=me@example.org', 'commit', '-q', '-m', 'one')
  })
  afterAll(async () => {
    await pool.close()
    await sshd.stop()
  })

  test('git push, into a repository that the host makes in the same breath', async () => {
    const path = join(sshd.folder, "it's bare.git")
    const { end, stdout, stderr } = await relay(transport, {
      ...push(path.replaceAll(' ', '%20')),
      before: sh`echo preparing; git init -q --bare ${path}`,
    })
    expect({ end, stdout, stderr }).toEqual({ end: { kind: 'exit', code: 0 }, stdout: '', stderr: 'preparing\n' })
    expect(git('--git-dir', path, 'rev-parse', 'main')).toBe(git('rev-parse', 'HEAD'))
  })

  test('a tool that gives up in the middle of it does not leave both sides waiting', async () => {
    const path = join(sshd.folder, 'given-up.git')
    const { end, stderr } = await relay(transport, {
      argv: ['git', 'push', '-q', `srv:${path}`, '1111111111111111111111111111111111111111:refs/heads/x'],
      cwd: work,
      shellVariable: 'GIT_SSH_COMMAND',
      before: sh`git init -q --bare ${path}`,
    })
    expect(end).not.toEqual({ kind: 'exit', code: 0 })
    expect(end.kind).toBe('exit')
    expect(stderr).toContain('1111111111111111111111111111111111111111')
  })

  test('what the host says and the status of git come back when it fails', async () => {
    const { end, stderr } = await relay(transport, push(join(sshd.folder, 'nowhere.git')))
    expect(end).toEqual({ kind: 'exit', code: 128 })
    expect(stderr).toContain(`fatal: '${sshd.folder}/nowhere.git' does not appear to be a git repository`)
  })

  test('the command is not run when what comes before it fails', async () => {
    const path = join(sshd.folder, 'never.git')
    const before = sh`git init -q --bare ${path}; echo stop >&2; false; echo not here >&2`
    const { end, stderr } = await relay(transport, { ...push(path), before })
    expect(end).toEqual({ kind: 'exit', code: 128 })
    expect(stderr).toMatch(/^stop\n/)
    expect(stderr).not.toContain('not here')
    expect(() => git('--git-dir', path, 'rev-parse', '--verify', '-q', 'main')).toThrow()
  })

  test.skipIf(!has('rsync'))('rsync, to a folder with a blank in its name', async () => {
    const target = join(sshd.folder, 'a $(b)')
    const { end, stderr } = await relay(transport, {
      argv: ['rsync', '-a', '-e', '{shell}', `${work}/file`, `srv:${target}/`],
    })
    expect({ end, stderr }).toEqual({ end: { kind: 'exit', code: 0 }, stderr: '' })
    expect(readFileSync(join(target, 'file')).equals(readFileSync(join(work, 'file')))).toBe(true)
  })

  test('what comes after the command runs in the same channel once that ended well, and its end is the end', async () => {
    const [kept, made] = [join(sshd.folder, 'kept'), join(sshd.folder, 'made')]
    const send = (command: string, after: ReturnType<typeof sh>) =>
      relay(transport, {
        argv: ['sh', '-c', 'echo sent | sh -c "$SRV_REMOTE_SHELL" sh srv "$1"', 'sh', command],
        after,
      })
    const done = await send(`cat > '${kept}'`, sh`cat; cp ${kept} ${made}; echo copied`)
    expect(done).toMatchObject({ end: { kind: 'exit', code: 0 }, stdout: '', stderr: 'copied\n' })
    expect(readFileSync(made, 'utf8')).toBe('sent\n')
    expect((await send('cat >/dev/null', sh`false; echo not this`)).end).toEqual({ kind: 'exit', code: 1 })
    const failed = await send('exit 7', sh`echo not this`)
    expect(failed).toMatchObject({ end: { kind: 'exit', code: 7 }, stderr: '' })
  })

  test('no file is made for its shell: who kills srv leaves none behind', async () => {
    vi.stubEnv('TMPDIR', join(work, 'nowhere'))
    try {
      const { end, stdout } = await relay(transport, {
        argv: ['sh', '-c', 'sh -c "$SRV_REMOTE_SHELL" sh srv echo here'],
      })
      expect({ end, stdout }).toEqual({ end: { kind: 'exit', code: 0 }, stdout: 'here\n' })
    } finally {
      vi.unstubAllEnvs()
    }
  })

  test('a tool that asks for nothing, and one that is not there', async () => {
    expect((await relay(transport, { argv: ['true'] })).end).toEqual({ kind: 'exit', code: 0 })
    const { end, stderr } = await relay(transport, { argv: ['no-such-tool'] })
    expect({ end, stderr }).toEqual({
      end: { kind: 'exit', code: 127 },
      stderr: 'no-such-tool could not be started: spawn no-such-tool ENOENT\n',
    })
  })

  test('a tool is stopped when it takes too long', async () => {
    const { end } = await relay(transport, { ...push('/nowhere'), before: sh`sleep 10` }, { timeoutMs: 500 })
    // Nobody can tell what `before` does to the end on the host.
    expect(end).toEqual({ kind: 'timeout', timeoutMs: 500, stopped: false })
  })

  test('all of this took one log-in', () => {
    expect(sshd.logins()).toBe(1)
  })

  test('a link that is cut under the tool is lost', async () => {
    const { end } = await relay(
      transport,
      { ...push('/nowhere'), before: sh`echo now; sleep 10` },
      {
        onOutput: (_stream, text) => {
          if (text.includes('now')) sshd.cut()
        },
      },
    )
    expect(end).toEqual({ kind: 'lost', reason: 'the connection was closed by the other side' })
  })
})
