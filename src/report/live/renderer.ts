import { DefaultRenderer } from 'listr2'

/** Milliseconds between two frames. */
const frameMs = 100

/** What the renderer asks of the view. */
export interface Canvas {
  /** Draws the lines with these keys. */
  draw(keys: readonly string[], last: boolean): void
}

/**
 * listr2's own renderer with its own frame rate and drawing. It still walks the tasks and decides which of them are
 * shown; but it draws at most ten frames a second instead of one for each event (that took 172 s for 50 hosts and 8
 * steps), it follows the width and colours of the stream that it writes to and not those of standard output, and it
 * takes over neither stream. The title of a task is the key of its line: what stands on the line is asked for when it
 * is drawn.
 */
export function rendererFor(canvas: Canvas): typeof DefaultRenderer {
  return class PacedRenderer extends DefaultRenderer {
    // The choice between this view and the plain one is made in `choose.ts`, and not by listr2, which asks stdout.
    static override nonTTY = true
    #timer: NodeJS.Timeout | undefined

    override render(): Promise<void> {
      // It must not keep the process alive: a promise that never settles is found when nothing else is left.
      this.#timer = setInterval(() => this.#draw(false), frameMs).unref()
      return Promise.resolve()
    }

    override end(): void {
      clearInterval(this.#timer)
      this.#draw(true)
    }

    #draw(last: boolean): void {
      const text = this.create({ bottomBar: false, prompt: false })
      canvas.draw(text === '' ? [] : text.split(/\r?\n/), last)
    }

    protected override style(): string {
      return ''
    }

    protected override format(message: string): string[] {
      return message === '' ? [] : [message]
    }
  }
}
