import { isSrvError, srvError } from '../error/srv-error.ts'
import { builtin, helpText } from './commands.ts'
import type { Io } from './io.ts'
import { printError } from '../report/print-error.ts'
import { version } from '../version.ts'

/** The first word that is neither an option nor the value of one. */
function commandWord(argv: readonly string[]): string | undefined {
  return argv.find((word, index) => !word.startsWith('-') && argv[index - 1] !== '--config')
}

/** Commands about snapshots, as users of other tools would write them: `srv backup verify production`. */
const spelledAfterBackup: ReadonlySet<string> = new Set(['verify', 'prune', 'restore', 'snapshots'])

/** A rehearsal and a restore to another folder share no step with a restore that replaces data: they are pipelines of their own. */
function kindOfRestore(argv: readonly string[]): string {
  if (argv.includes('--rehearse')) return 'rehearse'
  return argv.some((one) => one === '--to' || one.startsWith('--to=')) ? 'extract' : 'restore'
}

/** Some flags turn a command into another pipeline, so that a plain rollback, for example, waits for no keeper. */
function pipelineOf(
  word: string,
  argv: readonly string[],
): { readonly name: string; readonly rest: readonly string[] } {
  const without = (flag: string): readonly string[] => argv.filter((one) => one !== flag)
  if (word === 'restore') return { name: kindOfRestore(argv), rest: without('--rehearse') }
  if (word === 'rollback' && argv.includes('--with-data')) {
    return { name: 'rollback-with-data', rest: without('--with-data') }
  }
  return { name: word, rest: argv }
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const word = commandWord(argv)
  if (word === undefined) {
    if (argv.includes('--version') || argv.includes('-V')) io.stdout.write(`${version()}\n`)
    else if (argv.some((one) => one !== '--help' && one !== '-h')) {
      throw srvError('SRV-100', { problem: `A command is missing before ${argv[0] ?? ''}.` })
    } else io.stdout.write(helpText())
    return 0
  }
  const rest = argv.toSpliced(argv.indexOf(word), 1)
  if (word === 'backup') {
    // Only the very next word counts: `--host verify` names a host.
    const second = rest[argv.indexOf(word)] ?? ''
    if (spelledAfterBackup.has(second)) return dispatch(rest, io)
  }
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
    const verbose = argv.filter((word) => /^-v+$/.test(word)).reduce((sum, word) => sum + word.length - 1, 0)
    printError(thrown, { stdout: io.stdout, stderr: io.stderr, env: io.env, json: argv.includes('--json'), verbose })
    return isSrvError(thrown) ? thrown.exitCode : 1
  }
}
