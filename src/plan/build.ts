import type { Host, Placement } from '../config/resolved.ts'
import type { NamedTask } from '../config/resolved-config.ts'
import type { PlacedSteps, RollingSteps, Step } from '../config/steps.ts'
import { srvError } from '../error/srv-error.ts'
import { didYouMean } from '../error/suggest.ts'
import { isTask, type Task } from '../plugin/contract.ts'
import { appliesTo } from './applies.ts'
import { stepsOf } from './flatten.ts'
import { bindHooks, noHooks } from './hooks.ts'
import type { Plan, PlanNode, PlanRolling, PlanSeries, PlanStep } from './plan.ts'
import type { Vocabulary } from './vocabulary.ts'

/** What a plan is made for. */
export interface PlanRequest {
  readonly pipeline: string
  readonly environment: string
  readonly placements: readonly Placement[]
  readonly flags: Plan['flags']
  /** Every host that tasks may name, of the environment and of plugins. @default those of the placements */
  readonly hosts?: readonly Host[]
}

interface Scope {
  readonly vocabulary: Vocabulary
  readonly request: PlanRequest
  readonly hosts: readonly Host[]
  /** The pipelines that are being expanded, outermost first: a pipeline in itself would never end. */
  readonly open: readonly string[]
}

/** The hosts of some placements, each once, in order. */
export function hostsOf(placements: readonly Placement[]): readonly Host[] {
  return [...new Map(placements.map(({ host }) => [host.name, host])).values()]
}

/** The hosts that a task names beside those it acts on. @throws SrvError SRV-112 for a name that nothing has */
function companionsOf({ task, plugin }: NamedTask, placements: readonly Placement[], scope: Scope): readonly Host[] {
  if (task.also === undefined) return []
  const known = [...scope.hosts, ...(scope.request.hosts ?? [])]
  const names = placements.flatMap((one) => {
    const settings: unknown = plugin === undefined ? undefined : one.instance.settings[plugin]
    return task.also?.(one, settings, scope.request.flags) ?? []
  })
  return [...new Set(names)].flatMap((name) => {
    if (name === 'local') return []
    const host = known.find((one) => one.name === name)
    if (host !== undefined) return [host]
    throw srvError('SRV-112', { name, suggestion: didYouMean(name, new Set(known.map((one) => one.name))) })
  })
}

function step(named: NamedTask, id: string, group: string, scope: Scope): PlanStep | undefined {
  const { task, plugin } = named
  const placements = scope.request.placements.filter((placement) => appliesTo(task, plugin, placement))
  // A step that acts once needs no target, unless it limits where it applies.
  const isBound = task.on !== 'once' || task.kinds !== undefined || task.applies !== undefined
  if (isBound && placements.length === 0) return undefined
  const override = scope.vocabulary.overrides.get(named.id)
  return {
    kind: 'step',
    id,
    taskId: named.id,
    task,
    title: task.title,
    group,
    placements,
    hosts: task.on === 'once' ? [] : hostsOf(placements),
    companions: companionsOf(named, placements, scope),
    hooks: bindHooks(scope.vocabulary.hooks, named.id),
    ...(plugin === undefined ? {} : { plugin }),
    ...(override === undefined ? {} : { override }),
  }
}

function present(nodes: readonly (PlanNode | undefined)[]): readonly PlanNode[] {
  return nodes.filter((node) => node !== undefined)
}

function all(steps: readonly Step[], id: string, group: string, scope: Scope): readonly PlanNode[] {
  return present(
    steps.map((one, index) => build(one, id === '' ? String(index + 1) : `${id}.${index + 1}`, group, scope)),
  )
}

/** `25%` of the hosts, rounded down but never less than one. */
function windowSize(window: number | string, hosts: number): number {
  const size = typeof window === 'number' ? window : Math.floor((Number.parseFloat(window) / 100) * hosts)
  return Math.max(1, size)
}

function rolling(steps: RollingSteps, id: string, scope: Scope): PlanRolling | undefined {
  const nodes = all(steps.rolling, id, 'rolling', scope)
  if (nodes.length === 0) return undefined
  // Hosts on which none of the steps acts take no turn: a canary among them would prove nothing.
  const busy = new Set(nodes.flatMap(stepsOf).flatMap((one) => one.hosts.map(({ name }) => name)))
  const hosts = busy.size === 0 ? scope.hosts : scope.hosts.filter(({ name }) => busy.has(name))
  const window = windowSize(steps.window ?? 1, hosts.length)
  return { kind: 'rolling', id, nodes, hosts, canary: steps.canary ?? 0, window }
}

/** `Array.isArray` does not narrow a readonly array. */
function isSeries(step: Step): step is readonly Step[] {
  return Array.isArray(step)
}

function pipeline(name: string, found: Step, id: string, scope: Scope): PlanSeries {
  if (scope.open.includes(name)) throw srvError('SRV-114', { pipelines: [...scope.open, name] })
  const inner = { ...scope, open: [...scope.open, name] }
  const nodes = all(isSeries(found) ? found : [found], id, name, inner)
  // Where a task has the same name, its hooks are about the task: bound to both, each would run twice.
  const hooks = scope.vocabulary.tasks.has(name) ? noHooks : bindHooks(scope.vocabulary.hooks, name)
  return { kind: 'series', id, name, nodes, hooks }
}

function named(name: string, id: string, group: string, scope: Scope): PlanNode | undefined {
  const task = scope.vocabulary.tasks.get(name)
  // A name may stand for a task and for the pipeline around it, `restart`: inside a pipeline the task is meant.
  if (task !== undefined) return step(task, id, group, scope)
  const found = scope.vocabulary.pipelines.get(name)
  if (found !== undefined) {
    const inner = pipeline(name, found, id, scope)
    return inner.nodes.length === 0 ? undefined : inner
  }
  const known = [...scope.vocabulary.tasks.keys(), ...scope.vocabulary.pipelines.keys()]
  throw srvError('SRV-115', { step: name, suggestion: didYouMean(name, known) })
}

function inline(task: Task, id: string, group: string, scope: Scope): PlanNode | undefined {
  return step({ id: `inline:${id}`, task }, id, group, scope)
}

/** Where the switch changes the folder itself, what prepares a release has to come after it. */
function placed({ inPlace, steps }: PlacedSteps, id: string, group: string, scope: Scope): PlanNode | undefined {
  const { vocabulary, request } = scope
  const placements = request.placements.filter((one) => (vocabulary.inPlace?.(one) ?? false) === inPlace)
  const nodes = all(steps, id, group, { ...scope, request: { ...request, placements } })
  return nodes.length === 0 ? undefined : { kind: 'series', id, nodes, hooks: noHooks }
}

function build(one: Step, id: string, group: string, scope: Scope): PlanNode | undefined {
  if (typeof one === 'string') return named(one, id, group, scope)
  if (isTask(one)) return inline(one, id, group, scope)
  if (isSeries(one)) {
    const nodes = all(one, id, group, scope)
    return nodes.length === 0 ? undefined : { kind: 'series', id, nodes, hooks: noHooks }
  }
  if ('parallel' in one) {
    const nodes = all(one.parallel, id, group, scope)
    return nodes.length === 0 ? undefined : { kind: 'parallel', id, nodes }
  }
  if ('steps' in one) return placed(one, id, group, scope)
  return rolling(one, id, scope)
}

/**
 * Turns one pipeline for one environment into a plan: steps that apply to nothing are left out silently.
 *
 * @throws SrvError SRV-114 for a pipeline that contains itself, SRV-115 for a step that nobody defined, SRV-116 for a pipeline that does not exist
 */
export function buildPlan(vocabulary: Vocabulary, request: PlanRequest): Plan {
  const { placements, environment, flags } = request
  const hosts = hostsOf(placements)
  const found = vocabulary.pipelines.get(request.pipeline)
  if (found === undefined) {
    throw srvError('SRV-116', {
      pipeline: request.pipeline,
      suggestion: didYouMean(request.pipeline, vocabulary.pipelines.keys()),
    })
  }
  const root = pipeline(request.pipeline, found, '', { vocabulary, request, hosts, open: [] })
  return { pipeline: request.pipeline, environment, hosts, placements, root, flags }
}
