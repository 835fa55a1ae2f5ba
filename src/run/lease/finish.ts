import type { Host, Placement } from '../../config/resolved.ts'
import { srvError } from '../../error/srv-error.ts'
import type { Answer } from '../../plugin/contract.ts'
import { lines, raw, sh, type Script } from '../../shell/script.ts'
import { placementsOn } from '../ask/ask.ts'
import { lastLines } from '../undo/failure.ts'
import type { Piece } from '../steps/pieces.ts'
import type { Session } from '../session.ts'

/** One placement for each service of a run on a host: what a dead run left concerns the whole service. */
function servicesOn(host: Host, placements: readonly Placement[]): readonly Placement[] {
  return [...new Map(placementsOn(host, placements).map((one) => [one.service.name, one])).values()]
}

/** Only for a run that newly took the lease: one that is nested in another run shares the lease with that living run. */
function whenTaken({ paths }: Placement, text: Script): Script {
  return lines(sh`if [ "$(cat ${`${paths.state}/lease/phase`} 2>/dev/null)" = taking ]; then`, text, raw('fi'))
}

/**
 * Completes or undoes what a run that died left half done on a host, as the plugins know how: right after the lease was
 * taken, so that the checks and questions that follow find the final state.
 */
export function finishPieces(session: Session, host: Host, run: string): readonly Piece[] {
  const { plugins, plan, state, emit } = session
  return servicesOn(host, plan.placements).flatMap((placement) =>
    plugins.flatMap(({ finish }) => {
      if (finish === undefined) return []
      const service = placement.service.name
      const onEnd = ({ code, stdout, stderr }: Answer): void => {
        for (const line of stdout.split('\n')) {
          if (line !== '') emit({ type: 'warning', host: host.name, message: `${service}: ${line}` })
        }
        if (code === 0) return
        const output = lastLines('', stderr)
        const problem = (output.at(-1) ?? `exit status ${code}`).replace(/\.$/, '')
        state.errors.push(
          srvError('SRV-406', { service, host: host.name, problem }, { where: { host: host.name }, output }),
        )
      }
      return [{ script: whenTaken(placement, finish(placement, run)), onEnd }]
    }),
  )
}
