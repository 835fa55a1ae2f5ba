import type { Placement } from '../config/resolved.ts'
import { srvError } from '../error/srv-error.ts'
import type { Quiet } from '../plugin/quiet.ts'
import { sh } from '../shell/script.ts'
import type { Situation } from './situation.ts'

/** Texts that do nothing and say what would be done, used when a test gives no others. There is then nothing for `inside` to run in. */
export function quietOf({ id, service: { name } }: Placement, { quiet, refusesHold }: Situation): Quiet {
  return {
    hold(how) {
      if (refusesHold !== undefined) throw srvError('SRV-303', { target: id, how, problem: refusesHold })
      return sh`: hold ${how} ${name}`
    },
    held: () => sh`: held ${name}`,
    ran: () => sh`: ran ${name}`,
    proved: (how) => sh`: proved ${how} ${name}`,
    resume: () => sh`: resume ${name}`,
    wake: (names) => sh`: wake ${names}`,
    become: (release) => sh`: become ${release} ${name}`,
    lease: ({ actor }) => ({
      take: sh`: take ${name} ${actor}`,
      keep: sh`: keep ${name}`,
      enter: sh`: enter ${name}`,
      stop: sh`: stop ${name}`,
      stopLeft: sh`: stop what is left of ${name}`,
      regain: sh`: regain ${name}`,
      release: sh`: release ${name}`,
    }),
    serving: (instance) => sh`: serving ${instance?.id ?? name}`,
    inside: () => undefined,
    ...quiet,
  }
}
