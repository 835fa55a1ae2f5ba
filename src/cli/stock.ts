import {
  healthAgain,
  holdNative,
  inspectHealth,
  inspectRunning,
  rehearseNative,
  stockChecks,
} from '../../tasks/index.ts'
import type { PluginOfRun } from '../run/plugin-of-run.ts'

/** The checks and questions of the stock tasks: they take part in a run like those of a plugin, but without a name. */
export const stockPlugin: PluginOfRun = {
  options: {},
  checks: stockChecks,
  inspect: inspectRunning,
  health: inspectHealth,
  hold: holdNative,
  askHealth: healthAgain,
  rehearse: rehearseNative,
}
