import { isTask } from '../plugin/contract.ts'
import type { SetUp } from '../plugin/setup.ts'
import { checkFlags } from './check-flags.ts'
import { allIds, checkCircles, checkStep, isKnown, type KnownIds } from './check-steps.ts'
import { isIdentifier } from './identifier.ts'
import type { Path, Problem } from './problem.ts'
import { unknownKey, unknownName } from './problem.ts'
import { recordOf, type PlainRecord } from './records.ts'
import { instanceOptions } from './schema/instance.ts'
import { stockPipelineNames } from './stock.ts'

/** All that can be named in pipelines, hooks and overrides of a config. */
function knownIds(config: PlainRecord, setUp: SetUp, stockTasks: readonly string[]): KnownIds {
  const plugins = setUp.plugins.flatMap(({ name, parts }) =>
    Object.keys(parts.tasks ?? {}).map((key) => `${name}:${key}`),
  )
  return {
    tasks: new Set([...stockTasks, ...plugins, ...Object.keys(recordOf(config['tasks']))]),
    pipelines: new Set([...stockPipelineNames, ...Object.keys(recordOf(config['pipelines']))]),
    broken: setUp.broken,
  }
}

function checkHookTarget(target: string, path: Path, known: KnownIds): readonly Problem[] {
  const match = /^(?:before|after|finally):(.+)$/.exec(target)
  if (match === null) {
    const whole = isKnown(target, known) ? ` Did you mean before:${target}?` : ''
    return [{ path, text: `must begin with before:, after: or finally:.${whole}` }]
  }
  const id = match[1] ?? ''
  return isKnown(id, known) ? [] : [unknownName(path, id, 'a task or pipeline', allIds(known))]
}

function checkPluginHooks(setUp: SetUp, known: KnownIds): readonly Problem[] {
  return setUp.plugins.flatMap(({ name, parts }) =>
    Object.entries(parts.hooks ?? {}).flatMap(([target, hook]) =>
      typeof hook !== 'function' && hook.optional === true
        ? []
        : checkHookTarget(target, ['plugins', name, 'hooks', target], known),
    ),
  )
}

function checkConfigHooks(hooks: PlainRecord, known: KnownIds): readonly Problem[] {
  return Object.entries(hooks).flatMap(([target, hook]) =>
    recordOf(hook)['optional'] === true ? [] : checkHookTarget(target, ['hooks', target], known),
  )
}

function checkOverrides(overrides: PlainRecord, known: KnownIds): readonly Problem[] {
  return Object.keys(overrides).flatMap((id) => {
    if (known.tasks.has(id) || known.broken.some((name) => id.startsWith(`${name}:`))) return []
    return [unknownKey(['override', id], 'a task', known.tasks)]
  })
}

function checkLocalTasks(
  tasks: PlainRecord,
  pipelines: PlainRecord,
  stockTasks: readonly string[],
): readonly Problem[] {
  const problem = (name: string, text: string): Problem => ({ path: ['tasks', name], text })
  return Object.keys(tasks).flatMap((name) => {
    if (!isIdentifier(name)) return []
    if (stockTasks.includes(name))
      return [problem(name, 'has the name of a stock task: change that task with override, or choose another name')]
    const isPipeline = Object.hasOwn(pipelines, name) || stockPipelineNames.some((one) => one === name)
    return isPipeline ? [problem(name, 'has the name of a pipeline: choose another name')] : []
  })
}

function checkPluginFlags(setUp: SetUp): readonly Problem[] {
  return setUp.plugins.flatMap(({ name, parts }) =>
    Object.entries(parts.tasks ?? {}).flatMap(([key, task]) => checkFlags(task, ['plugins', name, 'tasks', key])),
  )
}

function checkLocalFlags(tasks: PlainRecord): readonly Problem[] {
  return Object.entries(tasks).flatMap(([name, task]) => (isTask(task) ? checkFlags(task, ['tasks', name]) : []))
}

function checkPluginNames(setUp: SetUp): readonly Problem[] {
  return setUp.plugins.flatMap(({ name }) => {
    if (!instanceOptions.includes(name)) return []
    return [
      {
        path: ['plugins', name],
        text: `has the name of an instance option: give it another name with .as('my-${name}', { … })`,
      },
    ]
  })
}

/** Everything in tasks, pipelines, hooks and overrides that names something which is not there, or takes a name that is taken. */
export function checkTasks(config: PlainRecord, setUp: SetUp, stockTasks: readonly string[]): readonly Problem[] {
  const known = knownIds(config, setUp, stockTasks)
  const pipelines = recordOf(config['pipelines'])
  return [
    ...checkPluginNames(setUp),
    ...checkPluginFlags(setUp),
    ...checkLocalTasks(recordOf(config['tasks']), pipelines, stockTasks),
    ...checkLocalFlags(recordOf(config['tasks'])),
    ...Object.entries(pipelines).flatMap(([name, step]) => checkStep(step, ['pipelines', name], known)),
    ...checkCircles(pipelines, known.tasks),
    ...checkConfigHooks(recordOf(config['hooks']), known),
    ...checkPluginHooks(setUp, known),
    ...checkOverrides(recordOf(config['override']), known),
  ]
}
