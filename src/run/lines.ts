/** Cuts text that arrives in pieces into whole lines. */
export class LineCutter {
  readonly #onLine: (line: string) => void
  #rest = ''

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  /** Takes a piece of text; a carriage return ends a line too, as progress bars use it. */
  feed(text: string): void {
    const parts = (this.#rest + text).split(/\r?\n|\r/)
    this.#rest = parts.pop() ?? ''
    for (const line of parts) this.#onLine(line)
  }

  /** Gives out a last line that had no end. */
  flush(): void {
    if (this.#rest !== '') this.#onLine(this.#rest)
    this.#rest = ''
  }
}
