import { backupLines } from '../../report/backups.ts'
import { statusLines } from '../../report/status.ts'
import { survey } from '../../run/survey.ts'
import { worst } from '../../run/outcome.ts'
import type { TargetOptions } from '../global-options.ts'
import { statusDocument } from '../documents.ts'
import type { Io } from '../io.ts'
import { askKeepers } from '../keepers.ts'
import { queryCommand, runQuery } from '../query.ts'

/** `srv status <environment>`: service, host, release, since, health drift, and how old backups are. It exits 4 when a host could not be asked, 7 when something is down. */
export async function status(argv: readonly string[], io: Io): Promise<number> {
  const command = queryCommand('status', 'What serves where, since when, and whether it is healthy.', io)
  return runQuery<TargetOptions>(command, argv, io, async (query) => {
    const { project, placements, options, pool, secrets } = query
    const [findings, kept] = await Promise.all([
      survey(placements, { pool, plugins: project.plugins, secrets }),
      askKeepers(query),
    ])
    const shown = { stream: io.stdout, env: io.env, now: Date.now() }
    const document = statusDocument(project.config.environment, findings, kept)
    if (options.json === true) io.stdout.write(`${JSON.stringify(document)}\n`)
    else
      for (const line of [...statusLines(document, shown), ...backupLines(document.backups, shown)])
        io.stdout.write(`${line}\n`)
    const codes = document.instances.map(({ error, health }) => {
      if (error !== null) return error.exit_code
      return health === 'down' ? 7 : 0
    })
    return worst(codes)
  })
}
