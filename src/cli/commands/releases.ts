import { releasesLines } from '../../report/releases.ts'
import { worst } from '../../run/outcome.ts'
import { survey } from '../../run/ask/survey.ts'
import type { TargetOptions } from '../global-options.ts'
import { releasesDocument } from '../documents.ts'
import type { Io } from '../io.ts'
import { printDocument } from '../print-document.ts'
import { queryCommand, runQuery } from '../query.ts'

/** `srv releases <environment>`: every release that can be rolled back to, and which hosts have it. */
export async function releases(argv: readonly string[], io: Io): Promise<number> {
  const command = queryCommand('releases', 'The releases that can be gone back to, and which hosts have them.', io)
  return runQuery<TargetOptions>(command, argv, io, async ({ project, placements, options, pool, secrets, signal }) => {
    const findings = await survey(placements, { pool, plugins: project.plugins, secrets, signal })
    const document = releasesDocument(project.config.environment, findings)
    printDocument(io, options, document, releasesLines)
    return worst(document.errors.map(({ exit_code }) => exit_code))
  })
}
