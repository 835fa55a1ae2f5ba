import { lines, raw, sh, type Inspect, type Placement, type Script, type Supervisor } from '../src/index.ts'
import { isWatchable, sampleScript } from './health/gate.ts'
import { locate } from './host/site.ts'
import { lookFunctions } from './supervisor/supervise.ts'
import { printUnit } from './supervisor/systemd.ts'

type Systemd = Extract<Supervisor, { readonly kind: 'systemd' }>

/** A unit may name either of the folders that an instance can run from. */
function unitDrift(placement: Placement, supervisor: Systemd): Script {
  const { instance } = placement.paths
  const differs = (directory: string): Script =>
    lines(printUnit(placement, supervisor, directory), raw('if unit_text | cmp -s - "$file"; then same=yes; fi'))
  return lines(
    raw('if [ -d "$directory" ]; then'),
    raw(`if [ ! -e "$file" ]; then echo "drift $file is missing"; else same=no`),
    differs(`${instance}/current`),
    differs(instance),
    raw(`[ "$same" = yes ] || echo "drift $file differs from what srv would write"`),
    raw(`show -p UnitFileState --value | grep -qx enabled || echo "drift $unit is not enabled"`),
    raw('fi; fi'),
  )
}

function probe(placement: Placement): Script {
  const { start } = placement.instance
  if (start === undefined) return sh`echo running none`
  return lines(
    locate(placement),
    lookFunctions(placement, start),
    raw('look; echo "running $alive"'),
    ...(start.kind === 'systemd' ? [unitDrift(placement, start)] : []),
  )
}

/** Asks the supervisor whether the app runs, and how the host differs from what srv would set up there. */
export const inspectRunning: Inspect = {
  kinds: ['native'],
  probe,
  read({ stdout }) {
    const said = stdout.split('\n')
    const found = said.find((line) => line.startsWith('running '))?.slice('running '.length)
    const running =
      found === 'yes' || found === 'no' || found === 'none' ? found : found === 'starting' ? 'no' : 'unknown'
    return {
      running,
      drift: said.filter((line) => line.startsWith('drift ')).map((line) => line.slice('drift '.length)),
    }
  },
}

/** Takes one sample of the health check, for `srv status` and for the end of a run. */
export const inspectHealth: Inspect = {
  applies: ({ instance }) => isWatchable(instance),
  probe: (placement) => healthOnce(placement),
  read: ({ code, stdout }) => ({ healthy: code === 0 ? 'yes' : stdout.includes('unhealthy') ? 'no' : 'unknown' }),
}

/** Shell text that takes one sample: it prints `healthy`, or `unhealthy: …` with the reason and exits 1. */
export function healthOnce(placement: Placement): Script {
  return sampleScript(placement)
}
