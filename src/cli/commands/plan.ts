import type { Command } from 'commander'
import { readPipeline, pipelineCommand } from '../pipeline-command.ts'
import type { Io } from '../io.ts'
import { cutWords } from '../own-words.ts'
import { runFromCommandLine } from '../run-session.ts'

/** The pipeline that `--pipeline` names; it has to be known before the flags of its tasks are. */
function pipelineOf(argv: readonly string[]): string {
  const { own } = cutWords(argv)
  const at = own.indexOf('--pipeline')
  const joined = own.find((word) => word.startsWith('--pipeline='))
  return joined?.slice('--pipeline='.length) ?? (at === -1 ? undefined : own[at + 1]) ?? 'deploy'
}

/** The command line of `srv plan`, without the flags of the tasks. */
export function planCommand(io: Io): Command {
  return pipelineCommand('plan', 'What a pipeline would do on each host; only looks.', io)
    .option('--pipeline <name>', 'the pipeline to plan', 'deploy')
    .option('--detailed-exitcode', 'exit with 3 when there is something to do')
}

/** `srv plan <environment>`: what `deploy`, or another pipeline, would do on each host. With `--detailed-exitcode` it exits 3 when there is something to do. */
export async function plan(argv: readonly string[], io: Io): Promise<number> {
  const read = await readPipeline(pipelineOf(argv), argv, io, () => planCommand(io))
  if (read === undefined) return 0
  const run = { ...read.options, dryRun: true, force: read.options.force === true, waitLockMs: 0 }
  const report = await runFromCommandLine(read.project, read.plan, run, io)
  return report.exitCode === 0 && argv.includes('--detailed-exitcode') && report.wouldChange ? 3 : report.exitCode
}
