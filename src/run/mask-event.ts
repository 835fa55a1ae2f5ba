import type { ErrorReport } from '../error/report.ts'
import type { Masker } from '../shell/mask.ts'
import type { RunEvent, TypedOptions } from './event.ts'

type Mask = (text: string) => string

function maskReport(report: ErrorReport, mask: Mask): ErrorReport {
  const { message, hint, output, stack } = report
  return {
    ...report,
    message: mask(message),
    hint: mask(hint),
    output: output.map(mask),
    ...(stack === undefined ? {} : { stack: mask(stack) }),
  }
}

function maskValues(options: TypedOptions, mask: Mask): TypedOptions {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]): readonly [string, string | true] => [
      name,
      value === true ? value : mask(value),
    ]),
  )
}

/**
 * An event without the values of secrets, in every text that came from a host, a plugin or an error. Names and ids are
 * left alone: they are from the config, and an event has to be found by them.
 */
export function maskEvent(event: RunEvent, masker: Masker): RunEvent {
  const mask: Mask = (text) => masker.mask(text)
  switch (event.type) {
    case 'host.unreachable':
      return { ...event, error: maskReport(event.error, mask) }
    case 'check.end': {
      const { found, problem, fix } = event
      return {
        ...event,
        ...(found === undefined ? {} : { found: mask(found) }),
        ...(problem === undefined ? {} : { problem: mask(problem) }),
        ...(fix === undefined ? {} : { fix: mask(fix) }),
      }
    }
    case 'step.output':
      return { ...event, line: mask(event.line) }
    case 'step.progress':
      return { ...event, text: mask(event.text) }
    case 'step.would':
      return { ...event, what: mask(event.what), commands: event.commands.map(mask) }
    case 'step.end':
      return {
        ...event,
        ...(event.reason === undefined ? {} : { reason: mask(event.reason) }),
        ...(event.error === undefined ? {} : { error: maskReport(event.error, mask) }),
      }
    case 'undo.end':
      return { ...event, ...(event.error === undefined ? {} : { error: maskReport(event.error, mask) }) }
    case 'warning':
      return { ...event, message: mask(event.message) }
    case 'run.end': {
      const { errors, options = {} } = event
      return { ...event, errors: errors.map((report) => maskReport(report, mask)), options: maskValues(options, mask) }
    }
    case 'version':
    case 'run.start':
    case 'host.connect':
    case 'host.ready':
    case 'check.start':
    case 'step.start':
    case 'undo.start':
      return event
  }
}
