import { Option, type Argument, type Command } from 'commander'
import { buildPlan } from '../plan/build.ts'
import { companionsOf } from '../plan/flatten.ts'
import type { Plan } from '../plan/plan.ts'
import { summaryOf } from './commands.ts'
import { checkValues, flagsOf, flagValues, typedOptions } from './flags.ts'
import { withPlaceWords, withTargetOptions, type TargetOptions } from './global-options.ts'
import type { Io } from './io.ts'
import { milliseconds } from './milliseconds.ts'
import { asksForHelp } from './own-words.ts'
import { createCommand, wordsOf } from './parse.ts'
import { printPipelineHelp } from './pipeline-help.ts'
import { withSandboxAddresses, withSandboxHosts, type Project } from './project.ts'
import { readStrictly } from './read-strictly.ts'
import { runFromCommandLine, type RunOptions } from './run-session.ts'
import { select } from './select.ts'
import { assertStandsForItself } from './stands-for.ts'
import { wholePlan } from './whole-plan.ts'

/** The options of a command that runs a pipeline. */
interface PipelineOptions extends TargetOptions {
  readonly dryRun?: boolean
  readonly force?: boolean
  readonly yes?: boolean
  /** Milliseconds. */
  readonly waitLock?: number
}

/** The command line of a pipeline, without the flags of its tasks: they are known once the config is. */
export function pipelineCommand(name: string, description: string, io: Io, action?: Argument): Command {
  return withPlaceWords(withTargetOptions(createCommand(name, description, io)), action)
    .option('--dry-run', 'print what would be done, and change nothing')
    .option('--force', 'deploy even what already serves')
    .option('-y, --yes', 'ask no questions')
    .addOption(
      new Option(
        '--wait-lock [time]',
        'wait for another run on the same services to end, at most this long: 90s, 15m, 1h',
      )
        .argParser(milliseconds)
        .preset('15m'),
    )
}

/** A pipeline with everything that the command line said about it. */
export interface ParsedPipeline {
  readonly project: Project
  readonly plan: Plan
  readonly options: PipelineOptions & Pick<RunOptions, 'selection' | 'typed'>
}

/** Reads a command line for a pipeline; nothing when its help was asked for. @throws SrvError 1xx */
export async function readPipeline(
  pipeline: string,
  argv: readonly string[],
  io: Io,
  makeCommand: () => Command = () =>
    pipelineCommand(pipeline, summaryOf(pipeline) ?? `Run the pipeline ${pipeline}.`, io),
): Promise<ParsedPipeline | undefined> {
  if (asksForHelp(argv)) {
    await printPipelineHelp(pipeline, argv, io, makeCommand)
    return undefined
  }
  const read = await readStrictly(argv, io, makeCommand, (project) => {
    const whole = wholePlan(project, pipeline)
    return { whole, flags: flagsOf(whole) }
  })
  if (read === undefined) return undefined
  const { project, command, whole, flags } = read
  const options = command.opts<PipelineOptions>()
  const { names: services } = wordsOf(command)
  const selection = { services, hosts: options.host ?? [], tags: options.tag ?? [] }
  const chosen = select(project.config.placements, selection)
  const { environment, hosts, companions, projectRoot } = project.config
  const request = { pipeline, environment, flags: flagValues(flags, command.opts()) }
  const known = [...hosts, ...companions]
  const wanted = buildPlan(project.vocabulary, { ...request, placements: chosen, hosts: known })
  // Before a sandbox host is started.
  checkValues(flagsOf(wanted), request.flags)
  const placements = await withSandboxHosts(projectRoot, chosen)
  // Only those that this plan works with are started.
  const others = await withSandboxAddresses(projectRoot, companionsOf(wanted.root))
  const plan = buildPlan(project.vocabulary, { ...request, placements, hosts: others })
  assertStandsForItself(services, plan, whole)
  const typed = typedOptions(command, [...flags.keys(), 'force', 'config'])
  return { project, plan, options: { ...options, selection, typed } }
}

/** `srv <pipeline> <environment> [service…]`: stock pipelines and those of the config. */
export async function runPipelineCommand(
  pipeline: string,
  argv: readonly string[],
  io: Io,
  makeCommand?: () => Command,
): Promise<number> {
  const read = await readPipeline(pipeline, argv, io, makeCommand)
  if (read === undefined) return 0
  const { project, plan, options } = read
  const run = {
    ...options,
    dryRun: options.dryRun === true,
    force: options.force === true,
    waitLockMs: options.waitLock ?? 0,
  }
  return (await runFromCommandLine(project, plan, run, io)).exitCode
}
