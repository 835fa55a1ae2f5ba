import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fleet } from './fleet.ts'

/** Shell text that goes on once there is a file `go` in the folder of its host. */
export const gate = 'until [ -e go ]; do sleep 0.05; done'

/** Opens the gate on a host as soon as a step has failed, wherever that is. */
export function openOnceFailed(run: Fleet, host: string): void {
  run.onEvent = (event) => {
    if (event.type === 'step.end' && event.status === 'failed') writeFileSync(join(run.root, host, 'go'), '')
  }
}
