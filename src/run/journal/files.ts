import { appendFileSync, closeSync, fsync, openSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { logFile, runFiles } from './paths.ts'

const toDisk = promisify(fsync)

/** How many characters of output are kept in memory before they are written. */
const mostWaiting = 64 * 1024

/**
 * The growing files of one run. What is added is written before anything else happens in this process, so that a
 * `kill -9` loses nothing; only the wait for the disk is left to the background.
 */
export class JournalFiles {
  readonly #folder: string
  readonly #events: number
  /** Text by file name; empty for the events. */
  readonly #waiting = new Map<string, string>()
  #waitingLength = 0
  #syncing: Promise<void> | undefined
  #isSyncWanted = false

  /** @throws Error of the file system */
  constructor(folder: string) {
    this.#folder = folder
    this.#events = openSync(join(folder, runFiles.events), 'ax', 0o600)
  }

  addEvent(line: string): void {
    this.#add('', line)
  }

  addLog(host: string, lines: readonly string[]): void {
    this.#add(logFile(host), lines.join('\n'))
  }

  /** Whether enough waits to be written now. */
  get isFull(): boolean {
    return this.#waitingLength >= mostWaiting
  }

  /** Hands everything to the system. @throws Error of the file system */
  write(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    this.#waitingLength = 0
    for (const [name, text] of waiting) {
      if (name === '') appendFileSync(this.#events, text)
      else appendFileSync(join(this.#folder, name), text, { mode: 0o600 })
    }
  }

  /** Has the events brought to the disk. A request during another one is served after it, and several then at once. */
  sync(): Promise<void> {
    this.#isSyncWanted = true
    this.#syncing ??= this.#syncAll()
    return this.#syncing
  }

  close(): void {
    closeSync(this.#events)
  }

  #add(name: string, text: string): void {
    this.#waiting.set(name, `${this.#waiting.get(name) ?? ''}${text}\n`)
    this.#waitingLength += text.length
  }

  async #syncAll(): Promise<void> {
    try {
      while (this.#isSyncWanted) {
        this.#isSyncWanted = false
        await toDisk(this.#events)
      }
    } finally {
      this.#syncing = undefined
    }
  }
}
