import type { Placement } from '../config/resolved.ts'
import type { SrvError } from '../error/srv-error.ts'
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
  readonly #undo = new Map<string, Undo[]>()
  readonly errors: SrvError[] = []
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

  /** Whether what is to be put in place serves already, and runs. */
  isUnchanged(placement: Placement): boolean {
    const next = this.next(placement)
    const before = this.before(placement)
    return next?.digest !== undefined && next.digest === before.digest && before.running !== 'no'
  }

  setOutput(task: unknown, target: string, value: unknown): void {
    this.#outputs.set(outputKey(task, target), value)
  }

  /** What a task returned on the first of these targets that it ran on. */
  output(task: unknown, targets: readonly string[]): unknown {
    return targets.map((target) => this.#outputs.get(outputKey(task, target))).find((value) => value !== undefined)
  }

  /** Whether a step has begun on a target: then it may have changed something there. */
  hasBegun(step: PlanStep, target: string): boolean {
    return this.#begun.has(`${step.id} ${target}`)
  }

  setBegun(step: PlanStep, target: string): void {
    this.#begun.add(`${step.id} ${target}`)
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
