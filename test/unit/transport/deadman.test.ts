import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { frame, frameCommand, notStoppedCode, stoppedCode } from '../../../src/transport/deadman.ts'
import { isRunning } from '../../support/processes.ts'

const shells = ['/usr/bin/dash', '/bin/bash', '/bin/busybox sh'].filter((shell) =>
  existsSync(shell.split(' ')[0] ?? ''),
)

const leftovers: number[] = []
afterEach(() => {
  for (const pid of leftovers.splice(0)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Gone already, as it should be.
    }
  }
})

function start(shell: string, body: string): ChildProcess & { stdin: NonNullable<ChildProcess['stdin']> } {
  const [program = '', ...args] = shell.split(' ')
  const child = spawn(program, [...args, '-s'], { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => undefined)
  // The inner shell is of the same kind as the outer one.
  child.stdin.write(frame(body, 'srv_end').replaceAll('/bin/sh', shell))
  return child
}

async function run(shell: string, body: string) {
  const child = start(shell, body)
  if (child.stdout === null || child.stderr === null) throw new Error('no streams')
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  expect([stdout, stderr].map((said) => said.startsWith('srv_end\n'))).toEqual([true, true])
  return {
    stdout: stdout.slice(8),
    stderr: stderr.slice(8),
    code: code as number | null,
    signal: signal as string | null,
  }
}

/** Runs a body that prints process ids on its first line, then ends the switch; returns how the frame ended. */
async function abort(shell: string, body: string) {
  const child = start(shell, body)
  if (child.stdout === null) throw new Error('no streams')
  const said = createInterface(child.stdout)[Symbol.asyncIterator]()
  await said.next()
  const line = String((await said.next()).value)
  const pids = line.split(' ').map(Number)
  leftovers.push(...pids)
  child.stdout.resume()
  child.stdin.end()
  const [code] = await once(child, 'close')
  return { code: code as number | null, pids }
}

test('the command line is the same for every script', () => {
  expect([frameCommand(), frameCommand(true)]).toEqual(['exec /bin/sh -s', 'exec sudo -n -- /bin/sh -s'])
})

describe.each(shells)('in %s', (shell) => {
  test('streams and exit status pass through', async () => {
    expect(await run(shell, 'echo out; echo err >&2; exit 7')).toEqual({
      stdout: 'out\n',
      stderr: 'err\n',
      code: 7,
      signal: null,
    })
  })

  test('the body has no input, and cannot read the switch', async () => {
    expect(await run(shell, 'cat; cat <&3; echo end')).toMatchObject({ stdout: 'end\n', code: 0 })
  })

  test('a body may end in a backslash or a comment', async () => {
    expect(await run(shell, 'printf "%s" one \\')).toMatchObject({ stdout: 'one', code: 0 })
    expect(await run(shell, 'printf two # and no more')).toMatchObject({ stdout: 'two', code: 0 })
  })

  test('text of 300 kB arrives byte for byte', async () => {
    const word = `'"$HOME\`id\`\\\n`.repeat(20_000)
    const { stdout, code } = await run(shell, `cat <<'word'\n${word}\nword`)
    expect(code).toBe(0)
    expect(stdout === `${word}\n`).toBe(true)
  })

  test('a body killed by a signal ends with 128 and its number', async () => {
    expect(await run(shell, 'kill -KILL $$')).toMatchObject({ code: 137, signal: null })
  })

  test('a killed frame ends with the signal', async () => {
    expect(await run(shell, 'kill -KILL $PPID')).toMatchObject({ code: null, signal: 'SIGKILL' })
  })

  test('a body that is no shell text is a failure', async () => {
    expect((await run(shell, 'if then')).code).toBe(2)
  })

  test('a daemon that the body leaves behind goes on', async () => {
    const { stdout, code } = await run(shell, 'sleep 300 >/dev/null 2>&1 & echo $!')
    const pid = Number(stdout)
    leftovers.push(pid)
    expect(code).toBe(0)
    expect(isRunning(pid)).toBe(true)
  })

  test('when the switch ends, the body ends with all that it started', async () => {
    const { code, pids } = await abort(shell, 'sleep 300 & a=$!; sleep 300 & echo "$$ $a $!"; wait')
    expect(code).toBe(stoppedCode)
    expect(pids.map(isRunning)).toEqual([false, false, false])
  })

  test('a body that cleans up on TERM has the time to', async () => {
    const body = `trap 'rm -f "$f"; exit 3' TERM; f=$(mktemp); echo "$$"; while :; do sleep 0.05; done`
    expect(await abort(shell, body)).toMatchObject({ code: stoppedCode })
  })

  test('a body that ignores TERM is killed after the grace', { timeout: 20_000 }, async () => {
    const { code, pids } = await abort(shell, `trap '' TERM; echo "$$"; while :; do sleep 0.2; done`)
    expect(code).toBe(stoppedCode)
    expect(pids.map(isRunning)).toEqual([false])
  })
})

test('the two statuses of a stop are told apart', () => {
  expect(stoppedCode).not.toBe(notStoppedCode)
})
