import { eventLine, type EventSink, type TimedEvent } from '../event.ts'
import { JournalFiles } from './files.ts'
import { logLines } from './log-lines.ts'
import { ownIdentity } from './process-identity.ts'
import { recordEnd, writeRecord, type RunFacts, type RunRecord, type RunRecordEnd } from './record.ts'

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/**
 * Writes what happens in a run as it happens. Nothing that goes wrong with the files is thrown: a full disk of the laptop
 * is no reason to leave hosts half deployed. The journal then ends, and says why.
 */
export class JournalWriter {
  readonly folder: string
  readonly #describe: () => RunFacts
  readonly #process = ownIdentity()
  readonly #files: JournalFiles
  #written = ''
  #end: RunRecordEnd | null = null
  #isWriteComing = false
  #problem: string | undefined

  /**
   * @param folder the run's own, empty
   * @param describe what `run.json` says; asked again at the end of each step, as commits and secrets become known
   * @throws Error of the file system
   */
  constructor(folder: string, describe: () => RunFacts) {
    this.folder = folder
    this.#describe = describe
    this.#files = new JournalFiles(folder)
    this.#writeRecord()
  }

  /** Why the journal is not complete; nothing when it is. */
  get problem(): string | undefined {
    return this.#problem
  }

  readonly sink: EventSink = (event) => {
    if (this.#end !== null) return
    if (event.type === 'run.end') this.#end = recordEnd(event, false)
    this.#try(() => {
      this.#take(event)
    })
  }

  /** Waits for the disk, and closes the files; nothing is taken afterwards. It never throws. */
  async finish(): Promise<void> {
    this.#try(() => {
      this.#files.write()
    })
    await this.#files.sync().catch((thrown: unknown) => {
      this.#problem ??= messageOf(thrown)
    })
    try {
      this.#files.close()
      // Even when the journal broke off, which does not mean that the run crashed.
      this.#writeRecord()
    } catch (thrown) {
      this.#problem ??= messageOf(thrown)
    }
  }

  #take(event: TimedEvent): void {
    this.#files.addEvent(eventLine(event))
    const log = logLines(event)
    if (log !== undefined) this.#files.addLog(log.host, log.lines)
    if (event.type === 'step.output' && !this.#files.isFull) return this.#writeSoon()
    this.#files.write()
    if (event.type !== 'step.end' && event.type !== 'undo.end' && event.type !== 'run.end') return
    this.#writeRecord()
    this.#files.sync().catch((thrown: unknown) => {
      this.#problem ??= messageOf(thrown)
    })
  }

  /** Lines of one piece of output are written together, when all of them are there: before anything else can happen. */
  #writeSoon(): void {
    if (this.#isWriteComing) return
    this.#isWriteComing = true
    queueMicrotask(() => {
      this.#isWriteComing = false
      this.#try(() => {
        this.#files.write()
      })
    })
  }

  #writeRecord(): void {
    const facts = this.#describe()
    const record: RunRecord = { schema: 'srv.run/1', ...facts, process: this.#process, end: this.#end }
    const text = JSON.stringify(record)
    if (text === this.#written) return
    writeRecord(this.folder, record)
    this.#written = text
  }

  #try(write: () => void): void {
    if (this.#problem !== undefined) return
    try {
      write()
    } catch (thrown) {
      this.#problem = messageOf(thrown)
    }
  }
}
