import { identifierRule, isIdentifier } from '../config/identifier.ts'
import { didYouMean } from '../error/suggest.ts'
import { brandTask, isTask, type InertParts, type InertSpec, type Schema } from './contract.ts'
import { api, isPlugin, type Plugin } from './plugin.ts'
import { validate, type SchemaProblem } from './standard-schema.ts'

/** A plugin whose options were validated and whose `setup` has run. */
export interface SetUpPlugin {
  readonly name: string
  readonly id: string
  /** Validated options. */
  readonly options: unknown
  /** Schema of the settings of one instance, when the plugin takes any. */
  readonly settings?: Schema
  /** Looks at the settings of all instances of a service together, when they are about what these share. */
  readonly share?: NonNullable<InertSpec['share']>
  readonly parts: InertParts
}

/** What came of setting up a config's plugins: those that could be, in list order, and everything wrong with the others. */
export interface SetUp {
  readonly plugins: readonly SetUpPlugin[]
  readonly problems: readonly SchemaProblem[]
  /** Names of the plugins that are listed but could not be set up. */
  readonly broken: readonly string[]
}

const partNames = [
  'tasks',
  'checks',
  'inspect',
  'finish',
  'hooks',
  'phases',
  'queries',
  'hold',
  'rehearse',
  'hosts',
  'hostNames',
  'snapshots',
  'schedules',
  'inPlace',
  'refuse',
]

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Falsy entries are what a condition left out: `debug && trace()`. */
function isLeftOut(entry: unknown): boolean {
  return entry === false || entry === null || entry === undefined || entry === '' || entry === 0
}

function listProblems(entries: readonly unknown[]): readonly SchemaProblem[] {
  const seen = new Map<string, number>()
  return entries.flatMap((entry, index) => {
    if (isLeftOut(entry)) return []
    if (!isPlugin(entry)) {
      const fix = typeof entry === 'function' ? 'was not called: write name() instead of name' : 'is not a plugin'
      return [{ path: [index], text: fix }]
    }
    const first = seen.get(entry.name)
    if (first === undefined) {
      seen.set(entry.name, index)
      return []
    }
    const text = `has the same name as plugins[${String(first)}], ${entry.name}. Give it a name of its own: ${entry.id}.as('${entry.name}-2', { … })`
    return [{ path: [index], text }]
  })
}

function descriptorProblems(plugin: Plugin, all: readonly Plugin[]): readonly SchemaProblem[] {
  const at = (text: string): SchemaProblem => ({ path: [plugin.name], text })
  if (plugin.api !== api) {
    const theirs = String(plugin.api)
    return [at(`is written for version ${theirs} of the plugin contract; this srv speaks version ${String(api)}`)]
  }
  const ids = all.map(({ id }) => id)
  const missing = (plugin.spec.needs ?? []).filter((id) => !ids.includes(id))
  return [
    ...(isIdentifier(plugin.name) ? [] : [at(identifierRule)]),
    ...missing.map((id) => at(`needs the plugin ${id}, which is not in the list. ${didYouMean(id, ids)}`)),
  ]
}

function partsProblems(name: string, parts: InertParts): readonly SchemaProblem[] {
  const unknown = Object.keys(parts).filter((key) => !partNames.includes(key))
  const tasks = Object.entries(parts.tasks ?? {})
  const unusable = tasks.filter(([key, task]) => !isTask(task) || !isIdentifier(key))
  return [
    ...unknown.map((key) => ({ path: [name], text: `returns ${key} from setup. ${didYouMean(key, partNames)}` })),
    ...unusable.map(([key]) => ({
      path: [name],
      text: `has a task ${key} that was not made by task(), or has no valid name`,
    })),
  ]
}

/** The plugins, each after those it needs, otherwise in the list's order. A cycle keeps the list's order. */
function sortedByNeeds(plugins: readonly Plugin[]): readonly Plugin[] {
  const sorted: Plugin[] = []
  const visit = (plugin: Plugin, open: readonly Plugin[]): void => {
    if (sorted.includes(plugin) || open.includes(plugin)) return
    for (const need of plugin.spec.needs ?? []) {
      for (const other of plugins) if (other.id === need) visit(other, [...open, plugin])
    }
    sorted.push(plugin)
  }
  for (const plugin of plugins) visit(plugin, [])
  return sorted
}

async function setUpOne(plugin: Plugin): Promise<SetUpPlugin | readonly SchemaProblem[]> {
  const { name, id, spec } = plugin
  const options = await validate(spec.options, plugin.options)
  if (!options.ok) return options.problems.map(({ path, text }) => ({ path: [name, ...path], text }))
  try {
    const parts = spec.setup({ options: options.value, task: brandTask })
    const problems = partsProblems(name, parts)
    if (problems.length > 0) return problems
    return {
      name,
      id,
      options: options.value,
      parts,
      ...(spec.settings === undefined ? {} : { settings: spec.settings }),
      ...(spec.share === undefined ? {} : { share: spec.share }),
    }
  } catch (error) {
    return [{ path: [name], text: `failed in its setup: ${message(error)}` }]
  }
}

/**
 * Validates the options of all plugins and calls `setup` of each whose options are right. It never throws: all problems
 * come back together, each path beginning with the plugin's name, or its index where it has none.
 */
export async function setUpPlugins(entries: readonly unknown[]): Promise<SetUp> {
  const problems = [...listProblems(entries)]
  const plugins = entries.filter((entry) => isPlugin(entry))
  const broken = new Set<string>()
  const done = new Map<Plugin, SetUpPlugin>()
  for (const plugin of sortedByNeeds(plugins)) {
    const found = descriptorProblems(plugin, plugins)
    const result = found.length > 0 ? found : await setUpOne(plugin)
    if ('parts' in result) done.set(plugin, result)
    else {
      broken.add(plugin.name)
      problems.push(...result)
    }
  }
  const inOrder = plugins.flatMap((plugin) => done.get(plugin) ?? [])
  return { plugins: inOrder, problems, broken: [...broken] }
}
