import { sanitizeLine } from '../shell/sanitize.ts'
import type { At, TimedEvent } from '../run/event.ts'
import { outputLines } from './error.ts'
import type { Annotations } from './github.ts'
import { marks, type State } from './mark.ts'
import { messages } from './messages.ts'
import type { Output } from './output.ts'
import type { Style } from './style.ts'
import { hostOf } from './targets.ts'
import type { View } from './view.ts'
import { pad } from './width.ts'
import { duration } from './words.ts'

/** How many lines of a step are kept to be shown when it fails. */
const keptOnFailure = 10
/** How many lines of a step are kept for the fold on GitHub, where nobody scrolls further. */
const keptFolded = 1000

/** What the plain view needs. */
export interface PlainOptions {
  readonly output: Output
  readonly style: Style
  /** From 1 on every line of output is printed. */
  readonly verbose: number
  /** On GitHub Actions output is folded, and shown whatever `verbose` says. */
  readonly github?: Annotations | undefined
}

type Start = Extract<TimedEvent, { type: 'run.start' }>

/** Widths and names of the columns, known from the start so that all lines are aligned. */
interface Columns {
  readonly where: (target: string) => string
  readonly task: (task: string) => string
}

/** A host's name says enough unless a step has several targets on one host. */
function columnsOf(start: Start): Columns {
  const crowded = start.steps.some(({ targets }) => new Set(targets.map(hostOf)).size < targets.length)
  const nameOf = (target: string): string => (crowded ? target : hostOf(target))
  const names = [...start.hosts, ...start.steps.flatMap(({ targets }) => targets.map(nameOf))]
  const tasks = [
    messages.connect,
    messages.check,
    messages.undoWord,
    messages.warning,
    ...start.steps.map(({ task }) => task),
  ]
  const width = (texts: readonly string[]): number => Math.min(40, Math.max(0, ...texts.map((text) => text.length)))
  const [nameWidth, taskWidth] = [width(names), width(tasks)]
  return { where: (target) => pad(nameOf(target), nameWidth), task: (task) => pad(task, taskWidth) }
}

/** One line for each event that matters: for logs, for CI, for terminals that cannot be drawn on, and for `-v`. */
export function createPlainView({ output, style, verbose, github }: PlainOptions): View {
  let columns: Columns = { where: (target) => target, task: (task) => task }
  let start: Start | undefined
  const begunSteps = new Set<string>()
  const checks = new Map<string, { readonly expected: number; answered: number; bad: number }>()
  /** The newest lines of each step on each target that runs now. */
  const kept = new Map<string, string[]>()
  const lastProgress = new Map<string, string>()

  function say(target: string, task: string, state: State, ...rest: readonly (string | undefined)[]): void {
    const { sign, format } = marks[state]
    const said = sanitizeLine(rest.filter((part) => part !== undefined && part !== '').join(' '))
    const text = `${style(format, sign)} ${github?.inline(said) ?? said}`.trimEnd()
    output.line([style('cyan', columns.where(target)), columns.task(task), text].join('  '))
  }

  function below(target: string, task: string, lines: readonly string[]): void {
    const prefix = `${style('cyan', columns.where(target))}  ${columns.task(task)}  ${style('dim', '│')} `
    const prefixed = lines.map((line) => `${prefix}${line}`.trimEnd())
    for (const line of github?.remote(prefixed) ?? prefixed) output.line(line)
  }

  function takeLine(at: At, line: string): void {
    const key = `${at.step} ${at.target}`
    const lines = kept.get(key) ?? []
    kept.set(key, lines)
    lines.push(line)
    if (lines.length > (github === undefined ? keptOnFailure : keptFolded)) lines.shift()
    if (verbose >= 1 && github === undefined) below(at.target, at.task, [sanitizeLine(line)])
  }

  function endStep(event: Extract<TimedEvent, { type: 'step.end' }>): void {
    const { step, task, target, status, error, ms } = event
    const key = `${step} ${target}`
    const lines = kept.get(key) ?? []
    kept.delete(key)
    lastProgress.delete(key)
    const title = `${columns.where(target).trimEnd()} ${task}`
    for (const line of github?.folded(title, lines.map(sanitizeLine)) ?? []) output.line(line)
    const word = status === 'changed' || status === 'failed' ? undefined : messages.status[status]
    const reason = error === undefined ? event.reason : `${error.code} ${error.message}`
    const isBoth = word !== undefined && reason !== undefined && error === undefined
    const said = isBoth ? `${word}: ${reason}` : (reason ?? word)
    say(target, task, status, status === 'skipped' ? undefined : duration(ms), said)
    // With -v they were printed as they came; on GitHub only folded.
    if (error === undefined || (verbose >= 1 && github === undefined)) return
    below(target, task, outputLines(error.output.length > 0 ? error.output : lines.slice(-keptOnFailure)))
  }

  function endCheck(event: Extract<TimedEvent, { type: 'check.end' }>): void {
    const { host, check, ok, found, problem, fix } = event
    const count = checks.get(host)
    if (!ok) {
      say(host, messages.check, 'failed', messages.problem(check, problem ?? ''))
      if (fix !== undefined) below(host, messages.check, [messages.fix(fix)])
    } else if (verbose >= 1) say(host, messages.check, 'ok', found === undefined ? check : messages.found(check, found))
    if (count === undefined) return
    count.answered++
    if (!ok) count.bad++
    if (count.answered !== count.expected) return
    if (count.bad === 0) say(host, messages.check, 'ok', messages.checks(count.expected))
  }

  return {
    handle(event) {
      switch (event.type) {
        case 'version':
        case 'run.end':
        case 'step.would':
        case 'host.connect':
          return
        case 'run.start':
          start = event
          columns = columnsOf(event)
          return output.line(messages.start(event.pipeline, event.environment, event.hosts.length, event.steps.length))
        case 'host.ready':
          return say(event.host, messages.connect, 'ok', duration(event.ms))
        case 'host.unreachable':
          return say(event.host, messages.connect, 'failed', `${event.error.code} ${event.error.message}`)
        case 'check.start':
          checks.set(event.host, { expected: event.checks, answered: 0, bad: 0 })
          return
        case 'check.end':
          return endCheck(event)
        case 'step.start': {
          if (start?.dry_run === true || begunSteps.has(event.step)) return
          begunSteps.add(event.step)
          const info = start?.steps.find(({ id }) => id === event.step)
          return output.line(
            style('bold', messages.stepStart(event.task, info?.title ?? '', info?.targets.length ?? 0)),
          )
        }
        case 'step.output':
          return takeLine(event, event.line)
        case 'step.progress':
          if (lastProgress.get(`${event.step} ${event.target}`) === event.text) return
          lastProgress.set(`${event.step} ${event.target}`, event.text)
          return say(event.target, event.task, 'running', event.text)
        case 'step.end':
          return start?.dry_run === true && event.error === undefined ? undefined : endStep(event)
        case 'undo.start':
          return say(event.target, messages.undoWord, 'running', messages.undoing(event.tasks))
        case 'undo.end':
          return say(
            event.target,
            messages.undoWord,
            event.ok ? 'changed' : 'failed',
            duration(event.ms),
            event.error?.message,
          )
        case 'warning':
          return event.host === undefined
            ? output.line(`${style('yellow', '!')} ${sanitizeLine(event.message)}`)
            : say(event.host, messages.warning, 'warning', event.message)
      }
    },
    finish: () => output.flush(),
  }
}
