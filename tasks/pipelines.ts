import type { Phases, Step } from '../src/index.ts'

/** A plugin that was set up, as far as the stock pipelines have to know it. */
export interface PhasedPlugin {
  readonly name: string
  readonly phases?: Phases
}

/** The hosts take turns: one alone first, then a quarter of them at a time. */
function inTurns(steps: readonly Step[]): Step {
  return { rolling: steps, canary: 1, window: '25%' }
}

/**
 * The pipelines that every config has, as plain data: the plugins' phases in the order of the plugins, the stock tasks
 * around them. Everything before the rolling group leaves what runs alone; that is why an instance that is deployed in
 * the folder it runs from is built in its turn, behind the switch, and again when it goes back.
 *
 * @param hasInPlace whether the config has such an instance
 */
export function stockPipelines(plugins: readonly PhasedPlugin[], hasInPlace = false): Readonly<Record<string, Step>> {
  const tasks = (keysOf: (phases: Phases) => readonly string[] | undefined): readonly string[] =>
    plugins.flatMap(({ name, phases = {} }) => (keysOf(phases) ?? []).map((key) => `${name}:${key}`))
  /** What makes a release ready to run, once its files are there. */
  const prepare = ['env', 'build', ...tasks(({ deploy }) => deploy?.build)]
  const before: readonly Step[] = hasInPlace ? [{ inPlace: false, steps: prepare }] : prepare
  const behind: readonly Step[] = hasInPlace ? [{ inPlace: true, steps: prepare }] : []
  const deploy: Step = [
    ...tasks(({ deploy }) => deploy?.resolve),
    ...tasks(({ deploy }) => deploy?.prepare),
    ...before,
    inTurns([
      ...tasks(({ deploy }) => deploy?.activate),
      ...behind,
      ...tasks(({ deploy }) => deploy?.start),
      'restart',
      'health',
    ]),
    ...tasks(({ deploy }) => deploy?.finish),
    'readme',
  ]
  const restored = tasks(({ restore }) => restore?.activate)
  const withData = tasks(({ withData }) => withData?.activate)
  const rollback = (prepared: readonly string[], first: readonly string[], settle: readonly string[]): Step => [
    ...tasks(({ rollback }) => rollback?.resolve),
    ...prepared,
    inTurns([
      ...first,
      ...tasks(({ rollback }) => rollback?.activate),
      ...behind,
      ...tasks(({ rollback }) => rollback?.start),
      'restart',
      'health',
      ...settle,
    ]),
    ...tasks(({ rollback }) => rollback?.finish),
    'readme',
  ]
  return {
    deploy,
    update: deploy,
    rollback: rollback([], [], []),
    'rollback-with-data':
      withData.length === 0
        ? []
        : rollback(
            tasks(({ withData }) => withData?.prepare),
            withData,
            tasks(({ withData }) => withData?.settle),
          ),
    restart: [inTurns([...tasks(({ restart }) => restart), 'restart', 'health'])],
    start: [inTurns([...tasks(({ start }) => start), 'start', 'health'])],
    stop: [...tasks(({ stop }) => stop), 'stop'],
    scale: tasks(({ scale }) => scale),
    backup: tasks(({ backup }) => backup),
    verify: tasks(({ verify }) => verify),
    prune: tasks(({ prune }) => prune),
    rehearse: tasks(({ rehearse }) => rehearse),
    extract: tasks(({ extract }) => extract),
    schedule: tasks(({ schedule }) => schedule),
    unschedule: tasks(({ unschedule }) => unschedule),
    restore:
      restored.length === 0
        ? []
        : [
            ...tasks(({ restore }) => restore?.prepare),
            inTurns([...restored, 'health', ...tasks(({ restore }) => restore?.settle)]),
          ],
  }
}
