import type { Placement } from '../../config/resolved.ts'
import { isSrvError, srvError, type SrvError } from '../../error/srv-error.ts'
import { hostsOf } from '../../plan/build.ts'
import type { InstanceState } from '../../plugin/state.ts'
import type { Pool } from '../../transport/pool.ts'
import { askAbout, placementsOn } from './ask.ts'
import { uninterrupted } from '../interrupted.ts'
import { runPieces } from '../steps/pieces.ts'
import type { PluginOfRun } from '../plugin-of-run.ts'
import type { Secrets } from '../secrets.ts'

/** What a placement said, or why it could not be asked. */
export type Finding =
  | { readonly placement: Placement; readonly state: InstanceState }
  | { readonly placement: Placement; readonly error: SrvError }

/** What a survey needs. */
export interface SurveyTools {
  readonly pool: Pool
  readonly plugins: readonly PluginOfRun[]
  readonly secrets: Secrets
  /** Fires when the user interrupts. */
  readonly signal: AbortSignal
}

async function surveyHost(placements: readonly Placement[], tools: SurveyTools): Promise<readonly Finding[]> {
  const [first] = placements
  if (first === undefined) return []
  const { host } = first
  const failed = (error: SrvError): readonly Finding[] => placements.map((placement) => ({ placement, error }))
  try {
    const askings = placements.map((placement) => askAbout(placement, tools.plugins, true))
    const pieces = askings.flatMap((one) => one.pieces)
    const transport = await tools.pool.get(host)
    if (pieces.length > 0) await runPieces(transport, pieces, { render: tools.secrets.render, signal: tools.signal })
    return askings.map(({ placement, state }) => {
      const found = state()
      if (found !== undefined) return { placement, state: found }
      const details = { host: host.name, problem: 'the command was cut off' }
      return { placement, error: srvError('SRV-302', details, { where: { host: host.name } }) }
    })
  } catch (thrown) {
    if (isSrvError(thrown)) return failed(thrown)
    throw thrown
  }
}

/**
 * Asks every placement what it is, one command a host, all hosts at the same time; a host that fails does not stop the others.
 *
 * @throws SrvError SRV-516 when it is interrupted
 */
export async function survey(placements: readonly Placement[], tools: SurveyTools): Promise<readonly Finding[]> {
  const asked = hostsOf(placements).map((host) => surveyHost(placementsOn(host, placements), tools))
  const found = await uninterrupted(Promise.all(asked), tools.signal)
  const byId = new Map(found.flat().map((finding) => [finding.placement.id, finding]))
  return placements.flatMap(({ id }) => byId.get(id) ?? [])
}
