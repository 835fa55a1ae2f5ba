import { eventLine, type TimedEvent } from '../run/event.ts'
import type { Output } from './output.ts'
import type { View } from './view.ts'

/** What readers of the lines get when the run stopped without an end event of its own. */
const brokenOff = {
  type: 'run.end',
  status: 'failed',
  exit_code: 1,
  ms: 0,
  serving: {},
  counts: { changed: 0, ok: 0, skipped: 0, failed: 0, timeout: 0, lost: 0, cancelled: 0 },
  errors: [],
} as const satisfies Omit<Extract<TimedEvent, { type: 'run.end' }>, 't'>

/**
 * One event per line, unchanged, its time first. The first line is always the version event; the last is always `run.end`,
 * even when the run broke off: then with exit code 1, and nothing about what serves.
 */
export function createJsonView(output: Output, now: () => number): View {
  let begunAt: number | undefined
  let ended = false
  return {
    handle(event) {
      if (ended) return
      begunAt ??= Date.parse(event.t)
      ended = event.type === 'run.end'
      output.line(eventLine(event))
    },
    finish() {
      if (begunAt !== undefined && !ended) {
        ended = true
        output.line(eventLine({ t: new Date(now()).toISOString(), ...brokenOff, ms: now() - begunAt }))
      }
      return output.flush()
    },
  }
}
