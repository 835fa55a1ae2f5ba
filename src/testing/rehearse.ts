import type { Placement } from '../config/resolved.ts'
import type { Rehearses } from '../plugin/rehearse.ts'
import { sh } from '../shell/script.ts'
import type { Situation } from './situation.ts'

/** Texts that do nothing and say what would be done, used when a test gives no others. */
export function rehearsesOf({ service: { name } }: Placement, { rehearses }: Situation): Rehearses {
  return {
    rehearsal: () => ({ begin: sh`: begin ${name}`, gate: sh`: gate ${name}`, enter: sh`: enter ${name}` }),
    endRehearsal: () => sh`: end ${name}`,
    ...rehearses,
  }
}
