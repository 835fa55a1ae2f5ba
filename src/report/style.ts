import { styleText } from 'node:util'

/** What `node:util` calls a colour or weight: `red`, or several at once. */
export type Format = Parameters<typeof styleText>[0]

/** Gives a text a colour or weight, or leaves it alone when the stream shows none. */
export type Style = (format: Format, text: string) => string

/** What decides about colour. */
export interface ColourFacts {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly isTTY: boolean
}

/**
 * Whether a stream gets colour, asked for each stream by itself. NO_COLOR with any value always wins
 * (https://no-color.org), then FORCE_COLOR, where 0 means no; otherwise a terminal that is not dumb.
 */
export function wantsColour({ env, isTTY }: ColourFacts): boolean {
  if (env['NO_COLOR']) return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  return isTTY && env['TERM'] !== 'dumb'
}

/** The style of a stream. We decide ourselves: `styleText` would look at the variables of the process instead of those given. */
export function styleOf(colour: boolean): Style {
  return colour ? (format, text) => (text === '' ? '' : styleText(format, text, { validateStream: false })) : plainStyle
}

/** No colour at all. */
export const plainStyle: Style = (_, text) => text
