import { spawn, type ChildProcess } from 'node:child_process'
import { execPath } from 'node:process'

/** How a run of srv ended, with all that it printed. */
export interface Outcome {
  /** The exit code, or the name of the signal that ended it. */
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

/** A run of srv that is under way. */
export interface Running {
  readonly child: ChildProcess
  readonly outcome: Promise<Outcome>
  /** Waits until srv has printed this on either stream. @throws Error when srv ends before */
  printed(text: string): Promise<void>
}

/** Starts a program of this repository with Node, in an environment that holds nothing of the developer's. */
export function startProgram(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Running {
  const child = spawn(execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  const listeners = new Set<() => void>()
  let ended = false
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text
      tell()
    })
  }
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      ended = true
      tell()
      resolve({ code: code ?? signal ?? 'unknown', ...said })
    })
  })
  return {
    child,
    outcome,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const isThere = said.stdout.includes(text) || said.stderr.includes(text)
          if (!isThere && !ended) return
          listeners.delete(look)
          if (isThere) resolve()
          else reject(new Error(`srv ended without printing ${text}\n${transcript({ code: 'ended', ...said })}`))
        }
        listeners.add(look)
        look()
      }),
  }
}

/** Everything that a run printed: the message of an assertion about it. */
export function transcript({ code, stdout, stderr }: Outcome): string {
  return `exit ${String(code)}\nstdout:\n${stdout}\nstderr:\n${stderr}`
}

/** An event of `--json`, as far as the tests read it. */
export interface EventLine {
  readonly type: string
  readonly schema?: string
  readonly task?: string
  readonly target?: string
  readonly host?: string
  readonly status?: string
  readonly reason?: string
  readonly exit_code?: number
  readonly steps?: readonly { readonly task: string }[]
  readonly commands?: readonly string[]
  readonly text?: string
  readonly what?: string
  readonly line?: string
  readonly message?: string
  readonly bytes?: number
  readonly bytes_per_second?: number
  readonly seconds_left?: number
  readonly serving?: Readonly<Record<string, { readonly release: string | null; readonly state: string }>>
  readonly counts?: Readonly<Record<string, number>>
  readonly errors?: readonly ErrorLine[]
}

/** An error in an event. */
export interface ErrorLine {
  readonly code: string
  readonly message: string
  readonly hint: string
  readonly where: Readonly<Record<string, string>>
  readonly output: readonly string[]
}

/** Every line of `--json`. @throws SyntaxError when a line is no JSON */
export function eventsOf({ stdout }: Outcome): readonly EventLine[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as EventLine)
}

/** The last event of a run with `--json`. @throws Error with all that was printed when it is no `run.end` */
export function runEnd(
  outcome: Outcome,
): Required<Pick<EventLine, 'exit_code' | 'serving' | 'counts' | 'errors'>> & EventLine {
  const last = outcome.stdout.startsWith('{') ? eventsOf(outcome).at(-1) : undefined
  const { exit_code, serving, counts, errors } = last ?? {}
  if (last?.type === 'run.end' && exit_code !== undefined && serving && counts && errors) {
    return { ...last, exit_code, serving, counts, errors }
  }
  throw new Error(`The last line is no run.end.\n${transcript(outcome)}`)
}

/** What `run.end` says of every instance: `new`, `old`, `unchanged`, …. */
export function states(outcome: Outcome): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(runEnd(outcome).serving).map(([id, { state }]) => [id, state]))
}
