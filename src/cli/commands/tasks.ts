import { buildPlan } from '../../plan/build.ts'
import { stepsOf } from '../../plan/flatten.ts'
import { factsOf } from '../../plugin/contract.ts'
import { taskLines, type TasksDocument } from '../../report/tasks.ts'
import { withGlobalOptions, type GlobalOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { createCommand, parse } from '../parse.ts'
import { printDocument } from '../print-document.ts'
import { openProject, type Project } from '../project.ts'

/** Stock pipelines to which no plugin of the project adds a step, such as `scale`, are left out. */
function namesOf({ config, vocabulary }: Project): readonly string[] {
  return [...vocabulary.pipelines].flatMap(([name, step]) => {
    const isEmpty = Array.isArray(step) && step.length === 0
    return isEmpty && !config.pipelines.has(name) ? [] : [name]
  })
}

function tasksDocument(project: Project): TasksDocument {
  const { config, vocabulary } = project
  const { environment, placements, hosts, companions } = config
  return {
    schema: 'srv.tasks/1',
    tasks: [...vocabulary.tasks.values()].map(({ id, task, plugin }) => ({
      id,
      title: task.title,
      on: factsOf(task).on,
      plugin: plugin ?? null,
      flags: Object.keys(factsOf(task).flags),
      overridden: vocabulary.overrides.has(id),
      hooks: vocabulary.hooks.map(({ target }) => target).filter((target) => target.replace(/^\w+:/, '') === id),
    })),
    pipelines: namesOf(project).map((pipeline) => ({
      name: pipeline,
      stock: !config.pipelines.has(pipeline),
      steps: stepsOf(
        buildPlan(vocabulary, { pipeline, environment, placements, flags: {}, hosts: [...hosts, ...companions] }).root,
      ).map(({ taskId }) => taskId),
      hooks: vocabulary.tasks.has(pipeline)
        ? []
        : vocabulary.hooks.map(({ target }) => target).filter((target) => target.replace(/^\w+:/, '') === pipeline),
    })),
  }
}

/** `srv tasks`: every task and pipeline of the project, with hooks and overrides. Nothing is contacted. */
export async function tasks(argv: readonly string[], io: Io): Promise<number> {
  const command = withGlobalOptions(
    createCommand('tasks', 'List the tasks and pipelines of this project.', io),
  ).argument('[environment]', 'an environment of the config; the first by default')
  if (!parse(command, argv)) return 0
  const options = command.opts<GlobalOptions>()
  const document = tasksDocument(await openProject(io, options.config, command.args[0]))
  printDocument(io, options, document, taskLines)
  return 0
}
