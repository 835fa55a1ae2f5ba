import { statusLines } from '../../report/status.ts'
import { survey } from '../../run/survey.ts'
import { worst } from '../../run/outcome.ts'
import type { TargetOptions } from '../global-options.ts'
import { statusDocument } from '../documents.ts'
import type { Io } from '../io.ts'
import { queryCommand, runQuery } from '../query.ts'

/** `srv status <environment>`: service, host, release, since, health and drift. It exits 4 when a host could not be asked, 7 when something is down. */
export async function status(argv: readonly string[], io: Io): Promise<number> {
  const command = queryCommand('status', 'What serves where, since when, and whether it is healthy.', io)
  return runQuery<TargetOptions>(command, argv, io, async ({ project, placements, options, pool, secrets }) => {
    const findings = await survey(placements, { pool, plugins: project.plugins, secrets })
    const document = statusDocument(project.config.environment, findings)
    if (options.json === true) io.stdout.write(`${JSON.stringify(document)}\n`)
    else
      for (const line of statusLines(document, { stream: io.stdout, env: io.env, now: Date.now() }))
        io.stdout.write(`${line}\n`)
    const codes = document.instances.map(({ error, health }) => {
      if (error !== null) return error.exit_code
      return health === 'down' ? 7 : 0
    })
    return worst(codes)
  })
}
