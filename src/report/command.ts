import type { Selection, TypedOptions } from '../run/event.ts'
import { quote } from '../shell/quote.ts'

/** A pipeline that has the name of a command with actions is one of these. */
const spelled: Readonly<Record<string, readonly string[]>> = { schedule: ['schedule', 'install'] }

/** A value that looks like an option is bound to its own. */
function optionWords(name: string, value: string | true): readonly string[] {
  if (value === true) return [`--${name}`]
  return value.startsWith('-') ? [`--${name}=${value}`] : [`--${name}`, value]
}

/** A command about the same part of an environment, quoted so that it can be pasted into a shell. */
export function suggestedCommand(
  pipeline: string,
  environment: string,
  { services, hosts, tags }: Selection,
  options: TypedOptions,
): string {
  const words = [
    'npx',
    'srv',
    ...(spelled[pipeline] ?? [pipeline]),
    environment,
    ...services,
    ...(hosts.length === 0 ? [] : ['--host', hosts.join(',')]),
    ...(tags.length === 0 ? [] : ['--tag', tags.join(',')]),
    ...Object.entries(options).flatMap(([name, value]) => optionWords(name, value)),
  ]
  return words.map((word) => quote(word)).join(' ')
}
