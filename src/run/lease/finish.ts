import type { Host, Placement } from '../../config/resolved.ts'
import { srvError } from '../../error/srv-error.ts'
import type { Answer } from '../../plugin/contract.ts'
import { lines, raw, sh, type Script } from '../../shell/script.ts'
import { placementsOn } from '../ask.ts'
import { lastLines } from '../failure.ts'
import type { Piece } from '../pieces.ts'
import type { Session } from '../session.ts'

/** One placement for each service of a run on a host: what a dead run left is of the whole service. */
function servicesOn(host: Host, placements: readonly Placement[]): readonly Placement[] {
  return [...new Map(placementsOn(host, placements).map((one) => [one.service.name, one])).values()]
}

/** Only who took the lease anew may: a run inside another one shares it with a run that lives. */
function whenTaken({ paths }: Placement, text: Script): Script {
  return lines(sh`if [ "$(cat ${`${paths.state}/lease/phase`} 2>/dev/null)" = taking ]; then`, text, raw('fi'))
}

/**
 * Brings to an end what a run that died left half done on a host, as the plugins know it: right behind the taking of the
 * lease, so that the checks and the questions behind it find things as they stay.
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
