import type { SetUp } from '../plugin/setup.ts'
import { validate } from '../plugin/standard-schema.ts'
import type { Path, Problem } from './problem.ts'
import { isPlain, recordOf, type PlainRecord } from './records.ts'
import { check } from './schema/check.ts'
import { serviceSchema, type CheckedService } from './schema/config.ts'
import { instanceOptions, instanceSchema, type CheckedInstance } from './schema/instance.ts'
import { shareSettings } from './share-settings.ts'

/** An instance that was checked, with the validated settings of each plugin. */
export interface InstanceSpec {
  readonly name: string
  readonly options: CheckedInstance
  readonly settings: PlainRecord
}

/** A service that was checked, with its instances. */
export interface ServiceSpec {
  readonly name: string
  readonly options: CheckedService
  readonly instances: readonly InstanceSpec[]
}

/** Services that were checked, and what is wrong with the others. */
export interface ServicesChecked {
  readonly services: readonly ServiceSpec[]
  readonly problems: readonly Problem[]
}

interface Settings {
  readonly values: PlainRecord
  readonly problems: readonly Problem[]
}

function pluginNames({ plugins, broken }: SetUp): readonly string[] {
  const names = new Set([...plugins.map(({ name }) => name), ...broken])
  return [...names].filter((name) => !instanceOptions.includes(name))
}

async function checkSettings(raw: PlainRecord, path: Path, setUp: SetUp): Promise<Settings> {
  const values: Record<string, unknown> = {}
  const problems: Problem[] = []
  for (const { name, settings } of setUp.plugins) {
    if (instanceOptions.includes(name)) continue
    if (settings === undefined) {
      if (raw[name] !== undefined)
        problems.push({ path: [...path, name], text: 'is set, but that plugin takes no settings for instances' })
      continue
    }
    const result = await validate(settings, raw[name] ?? {})
    if (result.ok) values[name] = result.value
    else problems.push(...result.problems.map((one) => ({ path: [...path, name, ...one.path], text: one.text })))
  }
  return { values, problems }
}

async function checkInstance(
  name: string,
  raw: unknown,
  path: Path,
  setUp: SetUp,
): Promise<InstanceSpec | readonly Problem[]> {
  // A plugin that has the name of an instance's own option is reported elsewhere.
  const names = pluginNames(setUp)
  const own = isPlain(raw) ? Object.fromEntries(Object.entries(raw).filter(([key]) => !names.includes(key))) : raw
  const options = check(instanceSchema(names), own, path)
  const settings = await checkSettings(recordOf(raw), path, setUp)
  if (options.ok && settings.problems.length === 0) return { name, options: options.value, settings: settings.values }
  return [...(options.ok ? [] : options.problems), ...settings.problems]
}

async function checkService(name: string, raw: unknown, setUp: SetUp): Promise<ServiceSpec | readonly Problem[]> {
  const path = ['services', name]
  const options = check(serviceSchema, raw, path)
  const problems: Problem[] = options.ok ? [] : [...options.problems]
  const instances: InstanceSpec[] = []
  const rawInstances = recordOf(raw)['instances']
  const entries = Object.entries(recordOf(rawInstances))
  if (isPlain(rawInstances) && entries.length === 0)
    problems.push({ path: [...path, 'instances'], text: 'has no instance' })
  for (const [instanceName, rawInstance] of entries) {
    const result = await checkInstance(instanceName, rawInstance, [...path, 'instances', instanceName], setUp)
    if ('settings' in result) instances.push(result)
    else problems.push(...result)
  }
  if (!options.ok || problems.length > 0) return problems
  const shared = shareSettings(instances, recordOf(rawInstances), [...path, 'instances'], setUp)
  return shared.problems.length > 0 ? shared.problems : { name, options: options.value, instances: shared.instances }
}

/** Checks all services of a config after the overlays were applied, with the settings that plugins take of instances. */
export async function checkServices(raw: PlainRecord, setUp: SetUp): Promise<ServicesChecked> {
  const services: ServiceSpec[] = []
  const problems: Problem[] = []
  for (const [name, service] of Object.entries(raw)) {
    const result = await checkService(name, service, setUp)
    if ('instances' in result) services.push(result)
    else problems.push(...result)
  }
  return { services, problems }
}
