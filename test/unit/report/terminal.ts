import { Collected } from './fixture.ts'

/** A terminal that understands the few codes that the live view writes, and shows what a person would see. */
export class FakeTerminal extends Collected {
  readonly #lines: string[] = ['']
  #row = 0
  #column = 0
  cursorShown = true
  frames = 0

  constructor(columns = 80, rows = 24) {
    super({ columns, rows })
  }

  override _write(chunk: unknown, encoding: BufferEncoding, done: () => void): void {
    this.#take(String(chunk))
    super._write(chunk, encoding, done)
  }

  /** Everything that is on the terminal, scrolled away or not. */
  get shown(): string {
    return this.#lines.map((line) => line.trimEnd()).join('\n')
  }

  #take(text: string): void {
    for (const [part] of text.matchAll(/\u001b\[[?0-9;]*[A-Za-z]|\r|\n|[^\u001b\r\n]+/g)) {
      if (part === '\r') this.#column = 0
      else if (part === '\n') this.#newLine()
      else if (part.startsWith('\u001b')) this.#obey(part.slice(2))
      else this.#print(part)
    }
  }

  #newLine(): void {
    this.#row++
    this.#column = 0
    if (this.#row === this.#lines.length) this.#lines.push('')
  }

  #print(text: string): void {
    const line = this.#lines[this.#row] ?? ''
    this.#lines[this.#row] =
      line.slice(0, this.#column).padEnd(this.#column) + text + line.slice(this.#column + text.length)
    this.#column += text.length
    if (this.#column > this.columns) throw new Error(`This is wider than ${this.columns} columns: ${text}`)
  }

  #obey(code: string): void {
    if (code === '?25l') this.cursorShown = false
    else if (code === '?25h') this.cursorShown = true
    else if (code === '?2026h') this.frames++
    else if (code === '?2026l' || code.endsWith('m')) return
    else if (code === 'K') this.#lines[this.#row] = (this.#lines[this.#row] ?? '').slice(0, this.#column)
    else if (code === 'J') {
      this.#lines.length = this.#row + 1
      this.#lines[this.#row] = (this.#lines[this.#row] ?? '').slice(0, this.#column)
    } else if (code.endsWith('A')) this.#row -= Number(code.slice(0, -1))
    else throw new Error(`The terminal does not know ${JSON.stringify(code)}`)
    if (this.#row < this.#lines.length - this.rows) throw new Error('This moved above the top of the terminal')
  }
}
