import { sanitize } from '../../shell/sanitize.ts'
import type { ErrorReport, TimedEvent } from '../event.ts'

/** Lines for the log of one host; `local` is the operator's machine. */
export interface LogLines {
  readonly host: string
  readonly lines: readonly string[]
}

type Stream = 'srv' | 'stdout' | 'stderr'

/** Each line of a text with its time, stream and subject, so that a log can be searched by any of them. */
function written(host: string, t: string, stream: Stream, subject: string, text: string): LogLines {
  const lines = sanitize(text)
    .split('\n')
    .map((line) => `${t} ${stream.padEnd(6)} ${subject}: ${line}`.trimEnd())
  return { host, lines }
}

function errorText({ code, message, hint }: ErrorReport): string {
  return hint === '' ? `${code} ${message}` : `${code} ${message}\n→ ${hint}`
}

function ended(what: string, ms: number, error: ErrorReport | undefined, reason?: string): string {
  const after = `${what} after ${ms} ms${reason === undefined ? '' : `: ${reason}`}`
  return error === undefined ? after : `${after}\n${errorText(error)}`
}

/**
 * What an event adds to the log of a host: each line of output with time, stream and step, and between them what srv did.
 * A log is for people and `grep`; programs read the events.
 */
export function logLines(event: TimedEvent): LogLines | undefined {
  const { t } = event
  switch (event.type) {
    case 'version':
    case 'step.would':
    case 'check.start':
      return undefined
    case 'run.start':
      return written('local', t, 'srv', 'run', `${event.pipeline} ${event.environment} on ${event.hosts.join(', ')}`)
    case 'run.end': {
      const errors = event.errors.map((error) => `\n${errorText(error)}`).join('')
      return written(
        'local',
        t,
        'srv',
        'run',
        `${event.status}, exit ${event.exit_code}, after ${event.ms} ms${errors}`,
      )
    }
    case 'host.connect':
      return written(event.host, t, 'srv', event.host, 'connecting')
    case 'host.ready':
      return written(event.host, t, 'srv', event.host, `connected after ${event.ms} ms`)
    case 'host.unreachable':
      return written(event.host, t, 'srv', event.host, errorText(event.error))
    case 'check.end': {
      const said = event.ok ? ['ok', event.found] : [event.problem, event.fix]
      const text = said.filter((part) => part !== undefined && part !== '').join('; ')
      return written(event.host, t, 'srv', `${event.host} check`, `${event.check}: ${text}`)
    }
    case 'step.start':
      return written(event.host, t, 'srv', `${event.target} ${event.task}`, 'begins')
    case 'step.output':
      return written(event.host, t, event.stream, `${event.target} ${event.task}`, event.line)
    case 'step.progress':
      return written(event.host, t, 'srv', `${event.target} ${event.task}`, event.text)
    case 'step.end': {
      const { host, target, task, status, ms, error, reason } = event
      return written(host, t, 'srv', `${target} ${task}`, ended(status, ms, error, reason))
    }
    case 'undo.start':
      return written(event.host, t, 'srv', `${event.target} put back`, `begins: ${event.tasks.join(', ')}`)
    case 'undo.end': {
      const { host, target, ok, ms, error } = event
      return written(host, t, 'srv', `${target} put back`, ended(ok ? 'done' : 'failed', ms, error))
    }
    case 'warning':
      return written(event.host ?? 'local', t, 'srv', 'warning', event.message)
  }
}
