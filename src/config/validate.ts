import { setUpPlugins, type SetUp } from '../plugin/setup.ts'
import { checkNames } from './check-names.ts'
import { checkServices, type ServiceSpec } from './check-services.ts'
import { checkTasks } from './check-tasks.ts'
import { checkCompanions, type CompanionInputs } from './companions.ts'
import { overlayService } from './overlay.ts'
import { problemText, type Problem } from './problem.ts'
import { hasPath, listOf, recordOf, type PlainRecord } from './records.ts'
import { check } from './schema/check.ts'
import { configSchema, type CheckedConfig } from './schema/config.ts'

/** A config in which nothing is wrong. */
export interface ValidConfig {
  readonly config: CheckedConfig
  readonly setUp: SetUp
  /** Hosts that plugins bring. */
  readonly companions: CompanionInputs
  /** The services as each environment sees them, by environment name. */
  readonly services: ReadonlyMap<string, readonly ServiceSpec[]>
}

/** What came of validating: everything, or all problems as lines in the order of the config. */
export type Validation =
  { readonly ok: true; readonly valid: ValidConfig } | { readonly ok: false; readonly problems: readonly string[] }

/** The services of a config as one environment sees them. */
function overlaid(config: PlainRecord, overlays: PlainRecord, plugins: readonly string[]): PlainRecord {
  const services = Object.entries(recordOf(config['services']))
  return Object.fromEntries(services.map(([name, base]) => [name, overlayService(base, overlays[name], plugins)]))
}

/** The problem at the place where it was written: in the overlay, when the wrong value is there. */
function placed(problem: Problem, environment: string, overlays: PlainRecord): Problem {
  const [, ...inOverlay] = problem.path
  const isThere = inOverlay.length > 1 && hasPath(overlays, inOverlay)
  return isThere ? { ...problem, path: ['environments', environment, ...problem.path] } : problem
}

interface EachEnvironment {
  readonly services: ReadonlyMap<string, readonly ServiceSpec[]>
  readonly problems: readonly Problem[]
}

async function checkEachEnvironment(config: PlainRecord, setUp: SetUp): Promise<EachEnvironment> {
  const plugins = [...setUp.plugins.map(({ name }) => name), ...setUp.broken]
  const environments = Object.entries(recordOf(config['environments']))
  const services = new Map<string, readonly ServiceSpec[]>()
  const problems: Problem[] = []
  // Without any environment the services are still checked, so that their problems do not come up later.
  for (const [name, environment] of environments.length === 0 ? [['', {}] as const] : environments) {
    const overlays = recordOf(recordOf(environment)['services'])
    const checked = await checkServices(overlaid(config, overlays, plugins), setUp)
    services.set(name, checked.services)
    problems.push(...checked.problems.map((problem) => placed(problem, name, overlays)))
  }
  return { services, problems }
}

/**
 * Checks everything that can be checked without contacting a host: options, names, plugins, and the services as each
 * environment sees them. It never throws for what a config says: all problems come back together.
 */
export async function validateConfig(input: unknown, stockTasks: readonly string[]): Promise<Validation> {
  const raw = recordOf(input)
  const config = check(configSchema, input, [])
  const setUp = await setUpPlugins(listOf(raw['plugins']))
  const { companions, problems: companionProblems } = checkCompanions(setUp)
  const each = await checkEachEnvironment(raw, setUp)
  const problems: readonly Problem[] = [
    ...(config.ok ? [] : config.problems),
    ...checkNames(raw, setUp),
    ...setUp.problems.map(({ path, text }) => ({ path: ['plugins', ...path], text })),
    ...companionProblems,
    ...each.problems,
    ...checkTasks(raw, setUp, stockTasks),
  ]
  if (config.ok && problems.length === 0) {
    return { ok: true, valid: { config: config.value, setUp, companions, services: each.services } }
  }
  return { ok: false, problems: [...new Set(problems.map((problem) => problemText(problem)))] }
}
