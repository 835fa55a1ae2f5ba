import { Option, type Command } from 'commander'
import { isSrvError } from '../error/srv-error.ts'
import { stockPipelineNames, type StockPipelineName } from '../config/stock.ts'
import { addFlags, flagsOf, type Declared, type Flags } from './flags.ts'
import type { GlobalOptions } from './global-options.ts'
import type { Io } from './io.ts'
import { parse, parseLoosely } from './parse.ts'
import { openConfig, type Project } from './project.ts'
import { variantsOf } from './variants.ts'
import { wholePlan } from './whole-plan.ts'

/** What a project adds to the help of a pipeline, or why it is not known. */
type Found = { readonly flags: Flags; readonly isOwn: boolean } | { readonly missing: string }

/** The stock pipelines that choose a release, which may serve already. */
const choosing: ReadonlySet<StockPipelineName> = new Set(['deploy', 'update', 'rollback', 'rollback-with-data'])

/** The same flags, each once: the first one of a name. */
function merged(all: readonly Flags[]): Flags {
  const found = new Map<string, Declared>()
  for (const flags of all) for (const [name, one] of flags) if (!found.has(name)) found.set(name, one)
  return found
}

/** What its command can become: `srv plan` stays what it is, whatever pipeline it is told. */
function variantsIn(command: Command) {
  return variantsOf(command.name().replace('srv ', ''))
}

/** Those of the environment that is named, or of all. */
async function projectsIn(io: Io, command: Command, argv: readonly string[]): Promise<readonly Project[]> {
  const words = parseLoosely(command, argv)
  const opened = await openConfig(io, command.opts<GlobalOptions>().config)
  const named = words.find((word) => opened.environments.includes(word))
  const [first, ...others] = named === undefined ? opened.environments : [named]
  return [await opened.projectFor(first), ...(await Promise.all(others.map((one) => opened.projectFor(one))))]
}

/** Whatever is wrong with the config or the command line: help is for those who have not got it right yet. */
async function flagsHere(
  pipeline: string,
  argv: readonly string[],
  io: Io,
  makeCommand: () => Command,
): Promise<Found> {
  try {
    const command = makeCommand()
    const projects = await projectsIn(io, command, argv)
    const names = [pipeline, ...variantsIn(command).pipelines]
    const all = projects.flatMap((project) => names.map((name) => flagsOf(wholePlan(project, name))))
    return { flags: merged(all), isOwn: projects.some(({ config }) => config.pipelines.has(pipeline)) }
  } catch (thrown) {
    if (isSrvError(thrown) && thrown.code === 'SRV-105') {
      return { missing: 'Inside a project, this help also lists the flags of its tasks.' }
    }
    const [problem = '', ...more] = (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')
    const rest = more.length === 0 ? '' : ' `srv tasks` shows all of it.'
    return { missing: `The flags of its tasks cannot be listed: ${problem.replace(/:$/, '.')}${rest}` }
  }
}

/** Prints the help of a pipeline: inside a project with the flags of its tasks. It needs no config, and never fails for one. */
export async function printPipelineHelp(
  pipeline: string,
  argv: readonly string[],
  io: Io,
  makeCommand: () => Command,
): Promise<void> {
  const found = await flagsHere(pipeline, argv, io, makeCommand)
  const command = makeCommand()
  for (const { flag, description } of variantsIn(command).switches) command.addOption(new Option(flag, description))
  const isOwn = 'flags' in found && found.isOwn
  const chooses = stockPipelineNames.every((name) => name !== pipeline || choosing.has(name))
  if (!isOwn && !chooses) command.options.find(({ long }) => long === '--force')?.hideHelp()
  if ('flags' in found) addFlags(command, found.flags)
  else command.addHelpText('after', `\n${found.missing}`)
  parse(command, ['--help'])
}
