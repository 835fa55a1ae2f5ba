import { srvError, type InstanceContext } from '../../../src/index.ts'
import { isFile } from '../dumps/kinds.ts'
import type { Options, Settings } from '../options.ts'
import { hiddenScript, mostHidden } from '../scripts/excluded.ts'
import { besideDatabase } from '../scripts/sqlite.ts'
import { writtenName } from '../scripts/written-name.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Vault } from '../vault.ts'
import { lacking } from './bring.ts'
import type { Part } from './switch.ts'

type Context = InstanceContext<Options, Record<never, never>, Settings>

/** What a switch would remove from the data and not bring back: it is left out of copies, and no dump replaces it. */
async function taken(context: Context, vault: Vault, snapshot: Snapshot, part: Part): Promise<readonly string[]> {
  const { settings, paths } = context
  if (settings.exclude.length === 0) return []
  const { end, stdout, stderr } = await context.probe`${hiddenScript(paths, settings, part.path)}`
  if (end.kind !== 'exit' || end.code !== 0) {
    const problem = 'rsync could not list what in the data is left out of snapshots'
    const details = { service: context.service.name, host: context.host.name, problem }
    throw srvError('SRV-645', details, { where: { host: context.host.name }, output: stderr.split('\n').slice(-20) })
  }
  const dumped = new Set(
    part.dumps
      .filter(isFile)
      .flatMap(({ file }) => ['', ...besideDatabase].map((more) => writtenName(`${file}${more}`))),
  )
  const all = [...stdout.matchAll(/^hidden (.*)$/gm)].map(([, name = '']) => name)
  const hidden = all.filter((name) => !dumped.has(name)).sort()
  // An older snapshot may contain what has been left out only since. Names with escapes are not looked up.
  const plain = hidden.filter((name) => !name.includes('\\#'))
  const missing = new Set(
    await lacking(
      context,
      vault,
      snapshot,
      plain.map((name) => `data/${name}`),
    ),
  )
  const lost = hidden.filter((name) => !plain.includes(name) || missing.has(`data/${name}`))
  // The snapshot has all that were looked up, which says nothing about the others.
  return lost.length === 0 && all.length === mostHidden
    ? [`more than the ${String(mostHidden)} things that were looked up`]
    : lost
}

/**
 * Warns of what will no longer be in the data after a restore, because snapshots leave it out.
 *
 * @throws SrvError SRV-664 unless that was confirmed
 */
export async function tellTaken(
  context: Context,
  vault: Vault,
  snapshot: Snapshot,
  part: Part,
  isConfirmed: boolean,
): Promise<void> {
  const names = await taken(context, vault, snapshot, part)
  if (names.length === 0) return
  const { service, host, paths, runId } = context
  const more = names.length > 5 ? ` and ${String(names.length - 5)} more` : ''
  const found = `${names.slice(0, 5).join(', ')}${more}`
  const details = { service: service.name, host: host.name, id: snapshot.id, found }
  if (!isConfirmed) throw srvError('SRV-664', details, { where: { host: host.name } })
  context.warn(`left out of snapshots, and after the switch only in ${paths.data}.before-${runId}: ${found}`)
}
