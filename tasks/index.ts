import { build } from './build.ts'
import { env } from './env.ts'
import { health } from './health.ts'
import { readme } from './readme.ts'
import { restart, start } from './restart.ts'
import { stop } from './stop.ts'

/** The tasks that come with srv, by id. */
export const stockTasks = { build, env, start, stop, restart, health, readme } as const

export { stockChecks } from './checks.ts'
export { healthAgain } from './health.ts'
export { holdNative } from './hold.ts'
export { rehearseNative } from './rehearse.ts'
export { healthOnce, inspectHealth, inspectRunning } from './inspect.ts'
export { logsScript } from './logs.ts'
export { psScript } from './ps.ts'
export { stockPipelines, type PhasedPlugin } from './pipelines.ts'
