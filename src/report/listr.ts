import type { TimedEvent } from '../run/event.ts'
import { sanitizeLine } from '../shell/sanitize.ts'
import { createBoard, type Board } from './live/board.ts'
import { fitLines } from './live/fit.ts'
import type { Line } from './live/line.ts'
import { paint } from './live/paint.ts'
import { rendererFor } from './live/renderer.ts'
import type { Screen } from './live/screen.ts'
import { createTree, type Tree } from './live/tree.ts'
import { marks } from './mark.ts'
import { messages } from './messages.ts'
import type { Style } from './style.ts'
import type { View } from './view.ts'

/** What the live view needs: all of it is injected, so that tests control the clock and the terminal. */
export interface LiveOptions {
  /** Takes over the terminal; called when there is something to draw. */
  readonly open: () => Screen
  readonly style: Style
  /** Milliseconds since 1970, of the same clock as the times of the events. */
  readonly now: () => number
}

/** Steps that did not begin, as one line below those that did. */
function notStarted(board: Board): Line[] {
  const tasks = board.steps.filter(({ startedAt }) => startedAt === undefined).map(({ name }) => name)
  if (tasks.length === 0) return []
  return [{ level: 0, state: 'waiting', name: '', note: messages.notStarted(tasks), count: '', time: '' }]
}

/** The run as a tree that is drawn over again and again: steps, their targets, and the newest line of each. */
export function createLiveView({ open, style, now }: LiveOptions): View {
  let screen: Screen | undefined
  let board: Board | undefined
  let tree: Tree | undefined
  let drawn: Promise<void> = Promise.resolve()
  let frame = 0

  function draw(keys: readonly string[], last: boolean): void {
    if (screen === undefined || tree === undefined || board === undefined) return
    frame++
    const at = now()
    const lines = keys.map((key) => tree?.line(key, at)).filter((line) => line !== undefined)
    const all = last ? [...lines, ...notStarted(board)] : fitLines(lines, screen.rows() - 1)
    const painted = paint(all, { columns: screen.columns(), frame, style })
    if (last) screen.close(painted)
    else screen.draw(painted)
  }

  function start(event: Extract<TimedEvent, { type: 'run.start' }>): void {
    board = createBoard(event)
    screen = open()
    tree = createTree(board, rendererFor({ draw }))
    drawn = tree.run()
    // If the view fails, the run continues all the same, and the summary is written.
    drawn.catch(() => undefined)
  }

  return {
    handle(event) {
      if (event.type === 'run.start') return start(event)
      if (event.type === 'warning') {
        const { sign, format } = marks.warning
        const text = [event.host, event.message].filter((part) => part !== undefined).join('  ')
        return screen?.print(`${style(format, sign)} ${sanitizeLine(text)}`)
      }
      const at = Date.parse(event.t)
      board?.apply(event, at)
      // Lines of output change nothing in the tree, and they are most of the events.
      if (event.type !== 'step.output' && event.type !== 'step.progress') tree?.settle()
      if (event.type !== 'run.end') return
      board?.close(at)
      tree?.close()
    },
    async finish() {
      board?.close(now())
      tree?.close()
      await drawn.finally(() => screen?.close([]))
    },
  }
}
