/** The test kit for authors of plugins: a task runs against a host that only records. */
export { setUp, type TestPlugin } from './testing/set-up.ts'
export { testPlacement, type PlacementInput } from './testing/placement.ts'
export type { Answers } from './testing/recorder.ts'
export type { Situation } from './testing/situation.ts'
export { runTask, type TaskRun } from './testing/run-task.ts'
export { explanationOf, scriptOf, undoOf } from './testing/script-of.ts'
export { askCheck, inspectWith } from './testing/ask.ts'
