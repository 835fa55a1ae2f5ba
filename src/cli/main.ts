import { isSrvError, srvError } from '../error/srv-error.ts'
import { builtin, helpText } from './commands.ts'
import type { Io } from './io.ts'
import { cutWords, verbosityOf } from './own-words.ts'
import { printError } from '../report/print-error.ts'
import { interruptedCode } from '../run/interrupted.ts'
import { version } from '../version.ts'
import { pipelineOf } from './variants.ts'

/** Where the command stands; options that every command knows may stand before it. */
async function commandAt(own: readonly string[], io: Io): Promise<number> {
  if (own[0]?.startsWith('-') === false) return 0
  const { createCommand, firstWordAt } = await import('./parse.ts')
  const { withTargetOptions } = await import('./global-options.ts')
  return firstWordAt(withTargetOptions(createCommand('', '', io)), own)
}

/** Commands about snapshots, as users of other tools would write them: `srv backup verify production`. */
const spelledAfterBackup: ReadonlySet<string> = new Set(['verify', 'prune', 'restore', 'snapshots'])

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const { own } = cutWords(argv)
  const at = await commandAt(own, io)
  const word = own[at]
  if (word === undefined) {
    if (own.includes('--version') || own.includes('-V')) io.stdout.write(`${version()}\n`)
    else if (argv.some((one) => one !== '--help' && one !== '-h')) {
      throw srvError('SRV-100', { problem: `A command is missing before ${argv[0] ?? ''}.` })
    } else io.stdout.write(helpText())
    return 0
  }
  const rest = argv.toSpliced(at, 1)
  // Only the very next word counts: `--host verify` names a host.
  if (word === 'backup' && spelledAfterBackup.has(rest[at] ?? '')) return dispatch(rest, io)
  const load = builtin(word)
  if (load !== undefined) return (await load())(rest, io)
  const { runPipelineCommand } = await import('./pipeline-command.ts')
  const pipeline = pipelineOf(word, rest)
  return runPipelineCommand(pipeline.name, pipeline.rest, io)
}

/**
 * Runs one command line and says how the process should exit. What went wrong is on stderr by then; with `--json` the
 * same error is the one document on stdout.
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io)
  } catch (thrown) {
    // Whatever went wrong after an interrupt, it went wrong because of that.
    const exitCode = io.signal.aborted ? interruptedCode(io.signal) : isSrvError(thrown) ? thrown.exitCode : 1
    const json = cutWords(argv).own.includes('--json')
    printError(thrown, { ...io, json, verbose: verbosityOf(argv), exitCode })
    return exitCode
  }
}
