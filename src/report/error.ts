import type { Where } from '../error/srv-error.ts'
import type { ErrorReport } from '../run/event.ts'
import { sanitize, sanitizeLine } from '../shell/sanitize.ts'
import { messages } from './messages.ts'
import type { Style } from './style.ts'
import { wrap } from './width.ts'

/** More lines of output than this are cut from the top: the last ones say why. */
const mostOutput = 20

/** How an error is printed. */
export interface ErrorOptions {
  readonly style: Style
  /** Columns of the terminal; without it lines are left long. */
  readonly width?: number | undefined
  /** From 3 on (`-vvv`) the stack of a bug is printed. */
  readonly verbose: number
}

/** The place of an error in words: `blog/native@web1 health`. */
export function placeOf({ host, instance, task, hook }: Where): string {
  const target = instance !== undefined && host !== undefined ? `${instance}@${host}` : (instance ?? host)
  return [target, hook ?? task].filter((part) => part !== undefined).join(' ')
}

/** The parts of the place that the message does not name itself. */
function placeBeside(message: string, where: Where): string {
  const unsaid = Object.entries(where).filter(([, name]) => typeof name === 'string' && !message.includes(name))
  return placeOf(Object.fromEntries(unsaid))
}

/** The last lines of output below an error, indented. */
export function outputLines(output: readonly string[]): string[] {
  const last = output.slice(-mostOutput)
  const cut = output.length - last.length
  const lines = last.map((line) => sanitizeLine(line).trimEnd())
  return cut > 0 ? [messages.moreOutput(cut), ...lines] : lines
}

/**
 * An error for people: `✖ SRV-501 web1 health: what happened`, below it the output that explains it, and what to do.
 * The command line uses it for errors before a run, too.
 */
export function errorLines(error: ErrorReport, { style, width = Infinity, verbose }: ErrorOptions): string[] {
  const message = sanitize(error.message)
  const head = wrap(messages.errorHead({ ...error, message }, placeBeside(message, error.where)), width - 2)
  const code = head[0]?.slice(0, error.code.length) ?? ''
  return [
    `${style('red', '✖')} ${style(['bold', 'red'], code)}${(head[0] ?? '').slice(code.length)}`,
    ...head.slice(1).map((line) => `  ${line}`),
    ...outputLines(error.output).map((line) => `    ${style('dim', line)}`),
    // Never broken: most hints are commands, and are copied.
    ...(error.hint === '' ? [] : [`  ${style('cyan', '→')} ${sanitize(error.hint)}`]),
    ...(verbose >= 3 && error.stack !== undefined
      ? sanitize(error.stack)
          .split('\n')
          .map((line) => `    ${style('dim', line)}`)
      : []),
  ]
}
