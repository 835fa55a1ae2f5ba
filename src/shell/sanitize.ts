/** The longest line that is kept, in characters: a minified bundle printed by mistake must not fill the memory. */
const longestLine = 2000

/** Stands at the end of a line that was cut: masking takes what is in front of it for a possible part of a secret. */
export const cutMark = '…'

/*
 * In this order: OSC, DCS, APC, PM and SOS strings with their text, up to their end or that of the line (a terminal
 * waits for the end for ever); CSI sequences; the remaining two- and three-character escapes; then single controls
 * but tab and line feed, the C1 range, and the marks that turn the direction of text around.
 */
const controls = new RegExp(
  [
    '(?:\\u001b[\\]PX^_]|[\\u009d\\u0090\\u0098\\u009e\\u009f])[^\\u0007\\u001b\\u009c\\n]*(?:\\u0007|\\u001b\\\\|\\u009c)?',
    '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]?',
    '\\u001b[ -/]*[0-~]?',
    '[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069]',
  ].join('|'),
  'g',
)

/**
 * Text from elsewhere without anything that a terminal would obey: colours, cursor moves, titles, clipboard writes.
 * Only tab and line feed are left of the control characters.
 */
export function sanitize(text: string): string {
  return text.replace(controls, '')
}

/** One line from elsewhere, safe to print: without control codes or line feeds, and at most 2,000 characters long. */
export function sanitizeLine(line: string): string {
  // Cut before the expensive part too: codes are a small part of any honest line.
  const clean = sanitize(line.slice(0, longestLine * 4)).replaceAll('\n', ' ')
  if (clean.length <= longestLine && line.length <= longestLine * 4) return clean
  const kept = clean.slice(0, longestLine - 1)
  // Half of a surrogate pair at the end would print as a replacement character.
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}${cutMark}`
}

/** Cuts text that arrives in pieces into whole clean lines; one for each stream, and bounded in memory. */
export class LineSplitter {
  readonly #onLine: (line: string) => void
  #rest = ''

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  /** Takes a piece of text. A carriage return ends a line too, as progress bars use it; lines that this leaves empty are dropped. */
  feed(text: string): void {
    const whole = this.#rest + text
    // A carriage return at the very end may be the first half of CRLF: it waits for the next piece.
    const lines = whole.split(/\r*\n|\r(?!$)/)
    this.#rest = (lines.pop() ?? '').slice(0, longestLine * 4 + 1)
    for (const line of lines) this.#emit(line)
  }

  /** Gives out a last line that had no end. */
  flush(): void {
    if (this.#rest !== '') this.#emit(this.#rest)
    this.#rest = ''
  }

  #emit(line: string): void {
    const clean = sanitizeLine(line)
    // A line of nothing but control codes is dropped; one that was empty is kept, because it is part of the text.
    if (clean !== '' || line === '') this.#onLine(clean)
  }
}
