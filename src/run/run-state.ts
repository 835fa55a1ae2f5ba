import type { Placement } from '../config/resolved.ts'
import { isSrvError, type SrvError } from '../error/srv-error.ts'
import type { PlanStep } from '../plan/plan.ts'
import { unknownState, type InstanceState, type NextRelease } from '../plugin/state.ts'
import type { StepStatus } from './event.ts'

/** What brings a target back when a later step fails. */
export interface Undo {
  readonly step: PlanStep
  readonly target: string
  /** Called by the `onRollback` of a task that is a function; a script task is undone by its own `undo`. */
  readonly run?: () => Promise<unknown>
}

/** What a run knows so far, by placement id and host name. One object per run: it is the only mutable thing that steps share. */
export class RunState {
  readonly #before = new Map<string, InstanceState>()
  readonly #next = new Map<string, NextRelease>()
  readonly #outputs = new Map<string, unknown>()
  readonly #begun = new Set<string>()
  readonly #anew = new Set<string>()
  readonly #failedSteps = new Set<string>()
  readonly #done = new Map<string, readonly string[]>()
  readonly #idle = new Set<string>()
  readonly #undo = new Map<string, Undo[]>()
  readonly #expected = new Set<string>()
  readonly #once = new Map<string, Promise<boolean>>()
  readonly #ahead = new Map<string, Promise<unknown>>()
  #isMissing = false
  readonly errors: SrvError[] = []
  /** What was thrown outside of every step and is not an error of srv: a bug. */
  readonly bugs: unknown[] = []
  readonly counts: Record<StepStatus, number> = {
    changed: 0,
    ok: 0,
    skipped: 0,
    failed: 0,
    timeout: 0,
    lost: 0,
    cancelled: 0,
  }
  /** Whether any step that may change something ran on a host. */
  changedHosts = false
  /** In a dry run: whether any step would change something on a host. */
  wouldChange = false
  /** Placements whose new release serves and was found healthy. */
  readonly activated = new Set<string>()
  /** Placements on which a step that changes what serves has begun. */
  readonly touched = new Set<string>()
  /** Targets whose steps failed or were cut short. */
  readonly failed = new Set<string>()
  /** Instances on which a step ran whose failure concerns no other, and whether all went well there. */
  readonly apart = new Map<string, boolean>()
  /** Placements whose data from before this run can be gone back to. */
  readonly dataKept = new Set<string>()
  /** Targets that were put back, successfully or not: once is enough. */
  readonly wasPutBack = new Set<string>()

  /** Something was thrown outside of every step. */
  addFailure(thrown: unknown): void {
    if (isSrvError(thrown)) this.errors.push(thrown)
    else this.bugs.push(thrown)
  }

  /** What the host said before the first change. */
  before(placement: Pick<Placement, 'id'>): InstanceState {
    return this.#before.get(placement.id) ?? unknownState
  }

  setBefore(placement: Placement, state: InstanceState): void {
    this.#before.set(placement.id, state)
  }

  next(placement: Pick<Placement, 'id'>): NextRelease | undefined {
    return this.#next.get(placement.id)
  }

  choose(placement: Placement, next: NextRelease): void {
    this.#next.set(placement.id, next)
  }

  /** Whether the chosen release already serves, without drift; a release that has drifted is deployed again. */
  isUnchanged(placement: Placement): boolean {
    const next = this.next(placement)
    const before = this.before(placement)
    if (this.#anew.has(placement.id)) return false
    if (before.running === 'no' || before.drift.length > 0) return false
    return next?.digest !== undefined && next.digest === before.digest
  }

  /** The serving release is to be put in place again, because something outside its digest is newer. */
  setAnew(placement: Pick<Placement, 'id'>): void {
    this.#anew.add(placement.id)
  }

  setOutput(task: unknown, target: string, value: unknown): void {
    this.#outputs.set(outputKey(task, target), value)
  }

  /** A step that will return something was put in a command that has not been sent yet. */
  expectOutput(task: unknown, target: string): void {
    this.#expected.add(outputKey(task, target))
  }

  /** That command has ended, successfully or not. */
  expectNoOutput(task: unknown, target: string): void {
    this.#expected.delete(outputKey(task, target))
  }

  /** Calls a function, and says whether it asked for an output that is still to come. */
  watchOutputs<R>(look: () => R): { readonly value: R; readonly isMissing: boolean } {
    this.#isMissing = false
    const value = look()
    return { value, isMissing: this.#isMissing }
  }

  /** What a task returned on the first of these targets that it ran on. */
  output(task: unknown, targets: readonly string[]): unknown {
    this.#isMissing ||= targets.some((target) => this.#expected.has(outputKey(task, target)))
    return targets.map((target) => this.#outputs.get(outputKey(task, target))).find((value) => value !== undefined)
  }

  /** Whether a step has begun on a target: then it may have changed something there. */
  hasBegun(step: PlanStep, target: string): boolean {
    return this.#begun.has(`${step.id} ${target}`)
  }

  setBegun(step: PlanStep, target: string): void {
    this.#begun.add(`${step.id} ${target}`)
  }

  /** What a step says that it did on a target. */
  addDone(step: PlanStep, target: string, message: string): void {
    const key = `${step.id} ${target}`
    this.#done.set(key, [...(this.#done.get(key) ?? []), message])
  }

  /** All of that in one line; nothing when it said nothing. */
  doneBy(step: PlanStep, target: string): string | undefined {
    return this.#done.get(`${step.id} ${target}`)?.join('; ')
  }

  /** A step found nothing to do on a target. */
  setIdle(step: PlanStep, target: string): void {
    this.#idle.add(`${step.id} ${target}`)
  }
  isIdle(step: PlanStep, target: string): boolean {
    return this.#idle.has(`${step.id} ${target}`)
  }

  /** What a step has begun to look up before its turn. */
  setAhead(step: PlanStep, work: Promise<unknown>): void {
    this.#ahead.set(step.id, work)
  }

  /** After waiting for somebody else's run, what was found before may be out of date. */
  forgetAhead(): void {
    this.#ahead.clear()
  }

  /** What it found, or nothing when it had nothing to begin. */
  ahead(step: PlanStep): Promise<unknown> | undefined {
    return this.#ahead.get(step.id)
  }

  /** Runs a step that acts once: later callers get the same result. */
  once(step: PlanStep, run: () => Promise<boolean>): Promise<boolean> {
    const known = this.#once.get(step.id) ?? run()
    this.#once.set(step.id, known)
    return known
  }

  /** Whether this very step failed on a target. */
  hasFailed(step: PlanStep, target: string): boolean {
    return this.#failedSteps.has(`${step.id} ${target}`)
  }

  setFailed(step: PlanStep, target: string): void {
    this.#failedSteps.add(`${step.id} ${target}`)
  }

  /** Remembers how to undo a step that has begun. */
  pushUndo(undo: Undo): void {
    const known = this.#undo.get(undo.target)
    if (known === undefined) this.#undo.set(undo.target, [undo])
    else known.push(undo)
  }

  /** Takes everything that can be undone on a target, newest first; a second call finds nothing. */
  takeUndo(target: string): readonly Undo[] {
    const known = this.#undo.get(target) ?? []
    this.#undo.delete(target)
    return known.toReversed()
  }

  /** What some steps did on a target stays. */
  keepDone(target: string, isKept: (step: PlanStep) => boolean): void {
    const left = (this.#undo.get(target) ?? []).filter(({ step }) => !isKept(step))
    if (left.length === 0) this.#undo.delete(target)
    else this.#undo.set(target, left)
  }

  /** The targets on which something could be undone. */
  undoTargets(): readonly string[] {
    return [...this.#undo.keys()]
  }
}

const taskNumbers = new WeakMap<object, number>()
let lastNumber = 0

/** Tasks are told apart by identity: two plugins of the same kind have tasks of their own. */
function outputKey(task: unknown, target: string): string {
  if (typeof task !== 'object' || task === null) return `? ${target}`
  const number = taskNumbers.get(task) ?? ++lastNumber
  taskNumbers.set(task, number)
  return `${number} ${target}`
}
