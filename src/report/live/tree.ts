import { Listr, type DefaultRenderer, type ListrTask, type SilentRenderer } from 'listr2'
import { isBad } from '../mark.ts'
import type { Board } from './board.ts'
import { hasEnded, type Group, type Row } from './group.ts'
import { crowd, groupLine, rowLine, type Line } from './line.ts'

type Task = ListrTask<unknown, typeof DefaultRenderer, typeof SilentRenderer>

/** A promise that an event settles. */
interface Gate {
  readonly opened: Promise<void>
  open(): void
}

function createGate(): Gate {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

/** The board as a tree of listr2 tasks. */
export interface Tree {
  /** Resolves when every task is settled and the last frame is drawn. */
  run(): Promise<void>
  /** Settles the tasks whose groups and rows have begun or ended. */
  settle(): void
  /** Settles all others too: the run is over. */
  close(): void
  /** The line that a title stands for. */
  line(key: string, now: number): Line | undefined
}

// Subtasks inherit the options of their parents, `concurrent` too: they are always given in full. Nothing is ever
// thrown out of listr2, and it gets no signal handler: its own would end the process without putting anything back.
const options = { concurrent: true, exitOnError: false, collectErrors: false } as const

/**
 * Each step is a task that waits for its first event, and then has one task for each target. listr2 shows what runs,
 * folds what ended well and leaves open what failed; it does not decide when things run.
 */
export function createTree(board: Board, renderer: typeof DefaultRenderer): Tree {
  const lines = new Map<string, (now: number) => Line>()
  const pending = new Map<Group | Row, { readonly started: Gate; readonly ended: Gate }>()
  const severalTargets = new Set(board.steps.flatMap(({ rows }) => [...rows.keys()])).size > 1

  const gates = (one: Group | Row): { readonly started: Gate; readonly ended: Gate } => {
    const found = pending.get(one) ?? { started: createGate(), ended: createGate() }
    pending.set(one, found)
    return found
  }
  const key = (line: (now: number) => Line): string => {
    const name = String(lines.size)
    lines.set(name, line)
    return name
  }

  /** In a crowd a target has no title, which hides it, until it fails. */
  function rowTask(row: Row, crowded: boolean): Task {
    const { ended } = gates(row)
    const title = key((now) => rowLine(row, now))
    return {
      ...(crowded ? {} : { title }),
      task: async (_, task) => {
        await ended.opened
        if (!isBad(row.state)) return
        task.title = title
        throw new Error(row.target)
      },
    }
  }

  function groupTask(group: Group, hidden: boolean): Task {
    const { started, ended } = gates(group)
    const title = key((now) => groupLine(group, now, severalTargets && !hidden))
    return {
      ...(hidden ? {} : { title }),
      task: async (_, task) => {
        await started.opened
        // What never began is left out of the last frame.
        task.title = group.startedAt === undefined ? '' : title
        const rows = [...group.rows.values()]
        if (group.startedAt === undefined || rows.length === 1) return ended.opened
        return task.newListr(
          rows.map((row) => rowTask(row, rows.length > crowd)),
          options,
        )
      },
    }
  }

  const { connect, check, steps, undos } = board
  // Connecting and checking may have nothing to do, as on the local machine: they are shown when they begin.
  const tasks = [
    ...[connect, check].map((group) => groupTask(group, true)),
    ...steps.map((group) => groupTask(group, false)),
    ...undos.map((group) => groupTask(group, true)),
  ]
  const listr = new Listr<unknown, typeof DefaultRenderer, 'silent'>(tasks, {
    ...options,
    renderer,
    // The message of an error would replace the title, which is the key of the line.
    rendererOptions: { showErrorMessage: false },
    fallbackRenderer: 'silent',
    registerSignalListeners: false,
  })

  return {
    run: async () => {
      await listr.run()
    },
    settle() {
      for (const [one, { started, ended }] of pending) {
        if (one.startedAt !== undefined) started.open()
        if ('rows' in one ? hasEnded(one) : one.ended) {
          ended.open()
          pending.delete(one)
        }
      }
    },
    close() {
      for (const { started, ended } of pending.values()) {
        started.open()
        ended.open()
      }
    },
    line: (name, now) => lines.get(name)?.(now),
  }
}
