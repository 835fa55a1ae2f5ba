#!/usr/bin/env node
import { setMaxListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { version } from './version.ts'

/*
 * The only file that touches process.exit, signals and unhandled rejections. It imports nothing heavy, so that
 * `srv --version` costs no more than starting Node does.
 */

/**
 * Has V8 wait longer before it compiles a function with its optimizing compiler. A run is over in seconds, and with the
 * default of Node 20 (132 KB of bytecode) an eighth of its computing time went into code that was hardly used again. Later
 * versions of V8 count calls instead, and have no such flag.
 */
function optimizeLater(): void {
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=1000000')
}

async function start(argv: readonly string[]): Promise<number> {
  const { main } = await import('./cli/main.ts')
  const { createOpenWork } = await import('./run/steps/open-work.ts')
  const openWork = createOpenWork()
  const controller = new AbortController()
  // Every command that is under way on any host listens to it, and Node warns from the eleventh on.
  setMaxListeners(0, controller.signal)
  const interrupt = (signal: NodeJS.Signals): void => {
    // A second signal means now: whoever presses Ctrl-C twice does not want to wait for the clean-up.
    if (controller.signal.aborted) process.exit(signal === 'SIGTERM' ? 143 : 130)
    controller.abort(signal)
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  process.on('SIGHUP', interrupt)
  // Node exits with 0 when a promise never settles and nothing is left to wait for; after a deploy that would be a lie.
  process.on('beforeExit', () => {
    openWork.giveUp()
  })
  // Foreign code may forget to catch: the run continues to its end and says what serves, but counts as failed.
  const seen = { unhandled: false }
  process.on('unhandledRejection', (reason) => {
    seen.unhandled = true
    const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)
    process.stderr.write(`✖ A promise was rejected, and no task or hook handled it: ${text}\n`)
  })
  // A reader that stops early, as in `srv tasks | head`, must end neither a run nor its clean-up.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
  const exitCode = await main(argv, {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    cwd: process.cwd(),
    argv,
    signal: controller.signal,
    interrupt: () => {
      interrupt('SIGINT')
    },
    openWork,
  })
  return exitCode === 0 && seen.unhandled ? 1 : exitCode
}

/** Waits until everything written has left the process: a pipe may be slower than we are. */
function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => {
      resolve()
    })
  })
}

const argv = process.argv.slice(2)
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  process.stdout.write(`${version()}\n`)
} else {
  process.exitCode = 1
  optimizeLater()
  const exitCode = await start(argv)
  await Promise.all([flush(process.stdout), flush(process.stderr)])
  process.exit(exitCode)
}
