import * as z from 'zod'
import { line, milliseconds, strict, text } from './strict.ts'

const unit = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,200}$/, {
  error: 'is not a unit name: letters, digits, "_", ".", "@" and "-" only, without .service',
})

/** What `systemd()`, `process()` and `command({ start })` return. Lines of a unit file must be lines, or one could add others. */
export const supervisorSchema = z.discriminatedUnion('kind', [
  strict({
    kind: z.literal('systemd'),
    exec: line,
    scope: z.enum(['system', 'user']),
    user: line.optional(),
    unit: unit.optional(),
    service: z.array(line),
    stopTimeoutMs: milliseconds,
  }),
  strict({ kind: z.literal('process'), exec: text, stopTimeoutMs: milliseconds }),
  strict({
    kind: z.literal('command'),
    start: text,
    stop: text.optional(),
    restart: text.optional(),
    status: text.optional(),
    logs: text.optional(),
  }),
])
