import type { Instance, Supervisor } from '../../src/index.ts'
import { unitName } from './systemd-unit.ts'

/** One line for the plan: what is started, stopped or restarted, and by whom. */
export function describeStart(verb: 'start' | 'stop' | 'restart', instance: Instance): string {
  const { start } = instance
  if (start === undefined) return verb
  switch (start.kind) {
    case 'systemd':
      return `${verb} ${unitName({ instance }, start)}.service: ${start.exec}`
    case 'process':
      return `${verb} ${start.exec}`
    case 'command':
      return describeCommand(verb, start)
  }
}

function describeCommand(
  verb: 'start' | 'stop' | 'restart',
  { start, stop, restart }: Extract<Supervisor, { readonly kind: 'command' }>,
): string {
  switch (verb) {
    case 'start':
      return start
    case 'stop':
      return stop ?? 'there is no command to stop it'
    case 'restart':
      return restart ?? (stop === undefined ? start : `${stop}; ${start}`)
  }
}
