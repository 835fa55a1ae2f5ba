import { buildPlan } from '../../plan/build.ts'
import type { TargetOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { runFromCommandLine } from '../run-session.ts'
import { queryCommand, runQuery } from '../query.ts'

/** `srv doctor <environment>`: every check of every plugin on every host, and nothing else. It exits 9 when something has to be fixed first. */
export async function doctor(argv: readonly string[], io: Io): Promise<number> {
  const command = queryCommand('doctor', 'Check every host without changing anything.', io)
  return runQuery<TargetOptions>(command, argv, io, async ({ project, selection, placements, options }) => {
    const vocabulary = { ...project.vocabulary, pipelines: new Map([['doctor', []]]) }
    const { environment } = project.config
    const plan = buildPlan(vocabulary, { pipeline: 'doctor', environment, placements, flags: {} })
    return (
      await runFromCommandLine(
        project,
        plan,
        {
          ...options,
          selection,
          typed: {},
          verbose: Math.max(1, options.verbose),
          dryRun: false,
          force: false,
          waitLockMs: 0,
        },
        io,
      )
    ).exitCode
  })
}
