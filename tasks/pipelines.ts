import type { Phases, Step } from '../src/index.ts'

/** A plugin that was set up, as far as the stock pipelines have to know it. */
export interface PhasedPlugin {
  readonly name: string
  readonly phases?: Phases
}

/** The hosts take turns: one alone first, then a quarter of them at a time. */
function inTurns(steps: readonly string[]): Step {
  return { rolling: steps, canary: 1, window: '25%' }
}

/**
 * The pipelines that every config has, as plain data: the plugins' phases in the order of the plugins, the stock tasks
 * around them. Everything before the rolling group leaves what runs alone.
 */
export function stockPipelines(plugins: readonly PhasedPlugin[]): Readonly<Record<string, Step>> {
  const tasks = (keysOf: (phases: Phases) => readonly string[] | undefined): readonly string[] =>
    plugins.flatMap(({ name, phases = {} }) => (keysOf(phases) ?? []).map((key) => `${name}:${key}`))
  const deploy: Step = [
    ...tasks(({ deploy }) => deploy?.resolve),
    ...tasks(({ deploy }) => deploy?.prepare),
    'env',
    'build',
    inTurns([...tasks(({ deploy }) => deploy?.activate), 'restart', 'health']),
    ...tasks(({ deploy }) => deploy?.finish),
    'readme',
  ]
  return {
    deploy,
    update: deploy,
    rollback: [
      ...tasks(({ rollback }) => rollback?.resolve),
      inTurns([...tasks(({ rollback }) => rollback?.activate), 'restart', 'health']),
      ...tasks(({ rollback }) => rollback?.finish),
      'readme',
    ],
    restart: [inTurns(['restart', 'health'])],
    start: [inTurns(['start', 'health'])],
    stop: ['stop'],
  }
}
