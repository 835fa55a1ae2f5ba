import { Option, type Command } from 'commander'
import { srvError } from '../error/srv-error.ts'
import { didYouMean } from '../error/suggest.ts'
import { buildPlan } from '../plan/build.ts'
import { companionsOf } from '../plan/flatten.ts'
import type { Plan } from '../plan/plan.ts'
import { loadSsh2 } from '../transport/pool.ts'
import { commandNames, summaryOf } from './commands.ts'
import { addFlags, flagsOf, flagValues } from './flags.ts'
import { withTargetOptions, type TargetOptions } from './global-options.ts'
import type { Io } from './io.ts'
import { milliseconds } from './milliseconds.ts'
import { createCommand, parse } from './parse.ts'
import { openProject, withSandboxAddresses, withSandboxHosts, type Project } from './project.ts'
import { runFromCommandLine } from './run-session.ts'
import { select } from './select.ts'
import { assertStandsForItself } from './stands-for.ts'

/** The options of a command that runs a pipeline. */
interface PipelineOptions extends TargetOptions {
  readonly dryRun?: boolean
  readonly force?: boolean
  readonly yes?: boolean
  /** Milliseconds. */
  readonly waitLock?: number
}

/** The command line of a pipeline, without the flags of its tasks: they are known once the config is. */
export function pipelineCommand(name: string, description: string, io: Io): Command {
  return withTargetOptions(createCommand(name, description, io))
    .argument('<environment>', 'an environment of the config')
    .argument('[services...]', 'services, or instances as service/instance; all by default')
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

interface Peeked {
  readonly config?: string
  /** Every word that may be the environment: the value of a flag that is not known yet may stand before it. */
  readonly words: readonly string[]
}

/** What is needed to load the config, before the flags of its tasks are known: the second pass is strict. */
function peek(command: Command, argv: readonly string[]): Peeked {
  const loose = command.allowUnknownOption().allowExcessArguments().helpOption(false)
  parse(loose, argv)
  const { config } = loose.opts<PipelineOptions>()
  const words = loose.args.filter((word) => !word.startsWith('-'))
  return { words, ...(config === undefined ? {} : { config }) }
}

/** A plan over the whole environment: it tells which flags there are. */
function wholePlan(project: Project, pipeline: string): Plan {
  const { environment, placements, hosts, companions } = project.config
  if (!project.vocabulary.pipelines.has(pipeline)) {
    const known = [...commandNames, ...project.vocabulary.pipelines.keys()]
    throw srvError('SRV-116', { pipeline, suggestion: didYouMean(pipeline, known) })
  }
  return buildPlan(project.vocabulary, {
    pipeline,
    environment,
    placements,
    flags: {},
    hosts: [...hosts, ...companions],
  })
}

/** A pipeline with everything that the command line said about it. */
export interface ParsedPipeline {
  readonly project: Project
  readonly plan: Plan
  readonly options: PipelineOptions
}

/** Reads a command line for a pipeline; nothing when its help was asked for. @throws SrvError 1xx */
export async function readPipeline(
  pipeline: string,
  argv: readonly string[],
  io: Io,
  makeCommand: () => Command = () =>
    pipelineCommand(pipeline, summaryOf(pipeline) ?? `Run the pipeline ${pipeline}.`, io),
): Promise<ParsedPipeline | undefined> {
  const isHelp = argv.includes('--help') || argv.includes('-h')
  // Help of a stock pipeline needs no config, so that it works, harmlessly, anywhere.
  if (isHelp) {
    parse(makeCommand(), ['--help'])
    return undefined
  }
  // Without an environment there is nothing to load a config for: the strict parser says what is missing.
  if (argv.every((word) => word.startsWith('-'))) parse(makeCommand(), argv)
  const { config, words } = peek(makeCommand(), argv)
  const project = await openProject(io, config, words, loadSsh2)
  const whole = wholePlan(project, pipeline)
  const flags = flagsOf(whole)
  const command = makeCommand()
  addFlags(command, flags)
  if (!parse(command, argv)) return undefined
  const options = command.opts<PipelineOptions>()
  const [, ...services] = command.args
  const chosen = select(project.config.placements, { services, hosts: options.host ?? [], tags: options.tag ?? [] })
  const placements = await withSandboxHosts(project.config.projectRoot, chosen)
  const { environment, hosts, companions, projectRoot } = project.config
  const request = { pipeline, environment, placements, flags: flagValues(flags, command.opts()) }
  const known = [...hosts, ...companions]
  // Only those that this plan works with are started.
  const others = companionsOf(buildPlan(project.vocabulary, { ...request, hosts: known }).root)
  const plan = buildPlan(project.vocabulary, { ...request, hosts: await withSandboxAddresses(projectRoot, others) })
  assertStandsForItself(services, plan, whole)
  return { project, plan, options }
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
