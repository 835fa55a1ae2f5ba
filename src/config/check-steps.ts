import { didYouMean } from '../error/suggest.ts'
import { isTask } from '../plugin/contract.ts'
import { checkFlags } from './check-flags.ts'
import type { Path, Problem } from './problem.ts'
import { unknownOption } from './problem.ts'
import { isPlain, listOf, type PlainRecord } from './records.ts'
import type { Step } from './steps.ts'

/** The ids that a step may have, and the plugins whose ids are unknown because they could not be set up. */
export interface KnownIds {
  readonly tasks: ReadonlySet<string>
  readonly pipelines: ReadonlySet<string>
  /** Names of plugins that could not be set up. */
  readonly broken: readonly string[]
}

/** Whether an id is known, or may be one of a plugin that could not be set up. */
export function isKnown(id: string, { tasks, pipelines, broken }: KnownIds): boolean {
  return tasks.has(id) || pipelines.has(id) || broken.some((name) => id.startsWith(`${name}:`))
}

/** All ids, for suggestions. */
export function allIds({ tasks, pipelines }: KnownIds): readonly string[] {
  return [...new Set([...tasks, ...pipelines])]
}

const shapes = 'must be an id, a task, a list, { parallel: […] } or { rolling: […] }'

function checkRolling(options: PlainRecord, path: Path): readonly Problem[] {
  const problems: Problem[] = []
  const { canary, window } = options
  if (canary !== undefined && !(Number.isInteger(canary) && Number(canary) >= 0)) {
    problems.push({ path: [...path, 'canary'], text: 'must be a whole number, 0 or more' })
  }
  const share = typeof window === 'string' && /^\d+(\.\d+)?%$/.test(window) && Number.parseFloat(window) > 0
  const count = Number.isInteger(window) && Number(window) >= 1
  if (window !== undefined && !share && !count) {
    problems.push({ path: [...path, 'window'], text: 'must be a whole number from 1, or a share such as "25%"' })
  }
  return problems
}

function checkGroup(step: PlainRecord, path: Path, known: KnownIds): readonly Problem[] {
  const name = 'rolling' in step ? 'rolling' : 'parallel'
  if (!(name in step)) {
    const unknown = Object.keys(step).map((key) => unknownOption(path, key, ['parallel', 'rolling']))
    return unknown.length > 0 ? unknown : [{ path, text: shapes }]
  }
  const options = name === 'rolling' ? ['rolling', 'canary', 'window'] : ['parallel']
  const unknown = Object.keys(step).filter((key) => !options.includes(key))
  return [
    ...unknown.map((key) => unknownOption(path, key, options)),
    ...(Array.isArray(step[name])
      ? checkStep(step[name], [...path, name], known)
      : [{ path: [...path, name], text: 'must be a list' }]),
    ...(name === 'rolling' ? checkRolling(step, path) : []),
  ]
}

/** Everything that is wrong with a step and the steps in it. */
export function checkStep(step: unknown, path: Path, known: KnownIds): readonly Problem[] {
  if (typeof step === 'string') {
    if (isKnown(step, known)) return []
    return [{ path, text: `names ${step}, which is not a task or pipeline. ${didYouMean(step, allIds(known))}` }]
  }
  if (isTask(step)) return checkFlags(step, path)
  if (Array.isArray(step)) return listOf(step).flatMap((one, index) => checkStep(one, [...path, index], known))
  if (isPlain(step)) return checkGroup(step, path, known)
  return [{ path, text: shapes }]
}

/** Whether a value has the shape of a step; ids in it are checked elsewhere. */
export function isStep(value: unknown): value is Step {
  if (typeof value === 'string' || isTask(value)) return true
  if (Array.isArray(value)) return value.every((one) => isStep(one))
  if (!isPlain(value)) return false
  return isStep(value['rolling'] ?? value['parallel'])
}

/** Names that a step mentions, at any depth. */
function mentioned(step: unknown): readonly string[] {
  if (typeof step === 'string') return [step]
  if (Array.isArray(step)) return listOf(step).flatMap((one) => mentioned(one))
  return isPlain(step) ? mentioned(step['rolling'] ?? step['parallel']) : []
}

/** Pipelines that contain themselves. A name that is also a task's means the task. */
export function checkCircles(pipelines: PlainRecord, tasks: ReadonlySet<string>): readonly Problem[] {
  const circle = (name: string, open: readonly string[]): readonly string[] | undefined => {
    if (open.includes(name)) return [...open.slice(open.indexOf(name)), name]
    const inner = mentioned(pipelines[name]).filter((one) => !tasks.has(one) && Object.hasOwn(pipelines, one))
    return inner.map((one) => circle(one, [...open, name])).find((found) => found !== undefined)
  }
  const told = new Set<string>()
  return Object.keys(pipelines).flatMap((name) => {
    const found = circle(name, [])
    if (found?.[0] !== name || told.has(name)) return []
    // Each pipeline of a cycle contains itself: it is reported once.
    for (const member of found) told.add(member)
    return [{ path: ['pipelines', name], text: `contains itself: ${found.join(' > ')}` }]
  })
}
