import type { ChildProcess } from 'node:child_process'
import { PassThrough } from 'node:stream'
import { frameCommand } from './deadman.ts'
import { execIn, notStarted } from './exec.ts'
import { asRawChannel, type Natural, type Process } from './process.ts'
import { localUser } from './ssh/tokens.ts'
import type { Transport } from './transport.ts'

/** zx keeps all output for itself, without a bound; this takes it and keeps nothing. */
function forgetful() {
  const nothing: (string | Buffer)[] = []
  nothing.push = () => 0
  return nothing
}

function naturalEnd(code: number | null, signal: NodeJS.Signals | null): Natural {
  if (code !== null) return { kind: 'exit', code }
  return signal === null ? { kind: 'lost', reason: 'the shell could not be started' } : { kind: 'signal', signal }
}

function watchChild(child: ChildProcess): Process {
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null) throw new Error('a child without its standard streams')
  // zx reads the child's streams at once; output that comes before the caller listens must not be lost.
  const copies = [stdout.pipe(new PassThrough()), stderr.pipe(new PassThrough())] as const
  const exited = new Promise<Natural>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(naturalEnd(code, signal))
    })
    child.once('error', (error) => {
      resolve({ kind: 'lost', reason: error.message })
    })
  })
  return {
    stdin,
    stdout: copies[0],
    stderr: copies[1],
    exited,
    closed: Promise.all(copies.map((copy) => new Promise((resolve) => copy.once('end', resolve)))),
    abandon() {
      stdin.destroy()
      stdout.destroy()
      stderr.destroy()
      for (const copy of copies) copy.end()
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
      try {
        process.kill(-child.pid, 'SIGTERM')
      } catch {
        child.kill('SIGTERM')
      }
    },
  }
}

/**
 * The laptop as a machine to run on, through zx: the same scripts in the same frame as on a host.
 *
 * zx's own quoting, prefix and environment settings are for bash, so this instance has none of them. Its processes are
 * detached, because a Ctrl-C is meant for srv, which then ends them in order.
 */
export function openLocal(options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {}): Transport {
  const start = async (command: string): Promise<Process> => {
    const { $ } = await import('zx/core')
    const shell = $({
      shell: '/bin/sh',
      prefix: '',
      postfix: '',
      quote: (text) => text,
      quiet: true,
      verbose: false,
      nothrow: true,
      preferLocal: false,
      detached: true,
      stdio: 'pipe',
      cwd: options.cwd ?? process.cwd(),
      env: options.env ?? process.env,
      store: { stdout: forgetful(), stderr: forgetful(), stdall: forgetful() },
    })
    const running = shell`${command}`
    if (running.child === undefined) throw new Error('zx started no process')
    return watchChild(running.child)
  }
  const account = { host: 'local', user: localUser() }
  return {
    async exec(script, execOptions = {}) {
      if (execOptions.signal?.aborted === true) return notStarted({ kind: 'cancelled', stopped: true })
      return execIn(await start(frameCommand(execOptions.sudo)), script, execOptions, account)
    },
    async open(command, { signal } = {}) {
      return asRawChannel(await start(command), signal)
    },
    close: () => Promise.resolve(),
  }
}
