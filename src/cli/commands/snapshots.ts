import { snapshotLines, type SnapshotRow, type SnapshotsDocument } from '../../report/snapshots.ts'
import { toErrorReport } from '../../error/report.ts'
import { isSrvError, srvError } from '../../error/srv-error.ts'
import type { Placement } from '../../config/resolved.ts'
import type { Snapshots } from '../../plugin/snapshots.ts'
import { transportTo } from '../companion.ts'
import type { TargetOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { queryCommand, runQuery, type Query } from '../query.ts'

type Place = ReturnType<Snapshots['places']>[number]

async function rowsAt(
  query: Query<TargetOptions>,
  placement: Placement,
  { read }: Snapshots,
  { on, folder, probe }: Place,
): Promise<readonly SnapshotRow[]> {
  const transport = await transportTo(query, placement, on)
  const { end, stdout, stderr } = await transport.exec(await query.secrets.render(probe), { maxOutputBytes: 64 << 20 })
  if (end.kind !== 'exit' || end.code !== 0) {
    throw srvError('SRV-302', { host: on, problem: stderr.trim() || end.kind }, { where: { host: on } })
  }
  const place = { service: placement.service.name, host: placement.host.name, on, folder }
  return read(stdout).map(({ id, state, release, files, bytes, newBytes, note }) => {
    return { ...place, id, state, release: release === '' ? null : release, files, bytes, new_bytes: newBytes, note }
  })
}

async function documentOf(
  query: Query<TargetOptions>,
): Promise<{ readonly document: SnapshotsDocument; readonly exitCode: number }> {
  const snapshots: SnapshotRow[] = []
  const errors: SnapshotsDocument['errors'][number][] = []
  for (const placement of query.placements) {
    for (const { parts } of query.project.config.plugins) {
      const found = parts.snapshots
      if (found === undefined) continue
      for (const place of found.places(placement, query.project.config.projectRoot)) {
        try {
          snapshots.push(...(await rowsAt(query, placement, found, place)))
        } catch (thrown) {
          if (!isSrvError(thrown)) throw thrown
          errors.push({ ...toErrorReport(thrown), exit_code: thrown.exitCode })
        }
      }
    }
  }
  const { environment } = query.project.config
  return {
    document: { schema: 'srv.snapshots/1', environment, snapshots, errors },
    exitCode: errors[0]?.exit_code ?? 0,
  }
}

/** `srv snapshots <environment> [service…]`: the snapshots of each service, and where they are. */
export async function snapshots(argv: readonly string[], io: Io): Promise<number> {
  const command = queryCommand('snapshots', 'The snapshots that can be gone back to.', io)
  return runQuery<TargetOptions>(command, argv, io, async (query) => {
    const { document, exitCode } = await documentOf(query)
    if (query.options.json === true) io.stdout.write(`${JSON.stringify(document)}\n`)
    else
      for (const line of snapshotLines(document, { stream: io.stdout, env: io.env, now: Date.now() }))
        io.stdout.write(`${line}\n`)
    return exitCode
  })
}
