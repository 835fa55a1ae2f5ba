import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TimedEvent } from '../event.ts'
import { runFiles } from './paths.ts'

/** Where `"type"` stands in a line that srv wrote: right behind the time. */
const headLength = 80

function isEvent(value: unknown): value is TimedEvent {
  if (typeof value !== 'object' || value === null || !('t' in value) || !('type' in value)) return false
  return typeof value.t === 'string' && typeof value.type === 'string'
}

function parse(line: string): TimedEvent | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isEvent(value) ? value : undefined
  } catch {
    // The half of a line that a full disk or a power cut left.
    return undefined
  }
}

/**
 * The events of a run up to its result, but for the lines of output: those may be many, and are in the logs. A line that
 * cannot be read is left out.
 *
 * @throws Error when the file cannot be read
 */
export async function readEvents(folder: string): Promise<readonly TimedEvent[]> {
  const events: TimedEvent[] = []
  const input = createReadStream(join(folder, runFiles.events), 'utf8')
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (line.slice(0, headLength).includes('"type":"step.output"')) continue
    const event = parse(line)
    if (event === undefined || event.type === 'step.output') continue
    events.push(event)
    if (event.type === 'run.end') break
  }
  input.destroy()
  return events
}
