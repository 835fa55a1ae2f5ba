import { randomUUID } from 'node:crypto'
import type { EventSink, TimedEvent } from '../run/event.ts'
import { chooseView, type ReportOptions, type ViewName } from './choose.ts'
import { githubAnnotations } from './github.ts'
import { createJsonView } from './json.ts'
import { openScreen } from './live/screen.ts'
import { messages } from './messages.ts'
import { createOutput } from './output.ts'
import { createPlainView } from './plain.ts'
import { planLines, type PlanEvent } from './plan.ts'
import { styleOf, wantsColour } from './style.ts'
import { doneAfter, type Done } from './done.ts'
import { errorsInFull, summaryLines } from './summary.ts'
import type { View } from './view.ts'

/** Shows one run. */
export interface Report {
  readonly sink: EventSink
  /** Resolves when the last frame is drawn, the terminal is as it was, and the summary is written. */
  finish(): Promise<void>
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

/**
 * Shows a run: its events on one view while they come, and afterwards the plan on stdout and the summary on stderr. The
 * live one is loaded only when there is a terminal to draw on.
 */
export async function createReport(options: ReportOptions): Promise<Report> {
  const { env, stdout, stderr, verbose = 0, now = Date.now, token = randomUUID() } = options
  const name = chooseView(options)
  const data = createOutput(stdout)
  const words = createOutput(stderr)
  const style = styleOf(wantsColour({ env, isTTY: stderr.isTTY === true }))
  const dataStyle = styleOf(wantsColour({ env, isTTY: stdout.isTTY === true }))
  const github = env['GITHUB_ACTIONS'] === 'true' ? githubAnnotations(token) : undefined
  const shared = [stderr, ...(stdout.isTTY === true ? [stdout] : [])]

  const views: Readonly<Record<ViewName, () => View | Promise<View>>> = {
    json: () => createJsonView(data, now),
    plain: () => createPlainView({ output: words, style, verbose, github }),
    live: async () =>
      (await import('./listr.ts')).createLiveView({ open: () => openScreen(stderr, shared), style, now }),
  }
  const view = await views[name]()

  let start: Extract<TimedEvent, { type: 'run.start' }> | undefined
  let end: Extract<TimedEvent, { type: 'run.end' }> | undefined
  const planned: PlanEvent[] = []
  let done: readonly Done[] = []
  let broken: Error | undefined

  function keep(event: TimedEvent): void {
    if (event.type === 'run.start') start = event
    if (event.type === 'run.end') end = event
    done = doneAfter(done, event)
    const isPlanned = event.type === 'step.would' || (event.type === 'step.end' && event.status === 'skipped')
    if (start?.dry_run === true && isPlanned) planned.push(event)
  }

  function conclude(): void {
    if (end === undefined) return
    const width = stderr.isTTY === true ? stderr.columns : undefined
    const printing = { style, width, verbose }
    // The JSON has it all, but a person at the terminal still wants to see what went wrong.
    if (name === 'json') {
      for (const line of errorsInFull(end.errors, printing)) words.line(line)
      return
    }
    // A plan that was refused before any output does not mean that there is nothing to do.
    if (start?.dry_run === true && (planned.length > 0 || end.errors.length === 0)) {
      const dataWidth = stdout.isTTY ? stdout.columns : undefined
      for (const line of planLines(start, planned, { style: dataStyle, width: dataWidth, verbose })) data.line(line)
    }
    for (const line of end.errors.flatMap((error) => github?.error(error) ?? [])) words.line(line)
    const summary = [
      '',
      ...summaryLines(start, end, { ...printing, logOf: options.logOf, done, tellsDone: name === 'live' }),
    ]
    for (const line of github?.remote(summary) ?? summary) words.line(line)
  }

  return {
    sink(event) {
      if (broken !== undefined) return keep(event)
      try {
        keep(event)
        view.handle(event)
      } catch (error) {
        // A sink must not throw: a bug in a view is no reason to leave hosts half deployed.
        broken = asError(error)
      }
    },
    async finish() {
      await view.finish().catch((error: unknown) => {
        broken ??= asError(error)
      })
      if (broken !== undefined) words.line(messages.viewFailed(broken.message))
      conclude()
      await Promise.all([data.flush(), words.flush()])
    },
  }
}
