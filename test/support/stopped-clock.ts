import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Writes into a folder what stops the clock of a program that runs on Node, and gives the environment that has it do so:
 * several runs then begin in the same second, however long they take.
 */
export function stoppedClock(folder: string, at: Date): Readonly<Record<string, string>> {
  const file = join(folder, 'stopped-clock.mjs')
  writeFileSync(
    file,
    `const at = ${String(at.getTime())}
globalThis.Date = class extends Date {
  constructor(...said) {
    super(...(said.length === 0 ? [at] : said))
  }
  static now() {
    return at
  }
}
`,
  )
  return { NODE_OPTIONS: `--import=${file}` }
}
