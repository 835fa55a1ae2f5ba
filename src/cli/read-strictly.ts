import type { Command } from 'commander'
import { isSrvError, srvError, type SrvError } from '../error/srv-error.ts'
import type { Plan } from '../plan/plan.ts'
import { loadSsh2 } from '../transport/pool.ts'
import { addFlags, type Flags } from './flags.ts'
import type { GlobalOptions } from './global-options.ts'
import type { Io } from './io.ts'
import { parse, wordsOf } from './parse.ts'
import { openConfig, type Project } from './project.ts'

/** What one environment makes of a command line: the flags that its tasks declare, and the plan that they are from. */
export interface PlanFlags {
  readonly whole: Plan
  readonly flags: Flags
}

/** A command line that was read with the flags of the environment that it names. */
export interface Read extends PlanFlags {
  readonly project: Project
  readonly command: Command
}

interface Peeked {
  readonly config: string | undefined
  /** Every word that may be the environment: the value of a flag that is not known yet may stand before it. */
  readonly words: readonly string[]
}

/** What is needed to load the config, before the flags of its tasks are known. */
function peek(command: Command, argv: readonly string[]): Peeked {
  const loose = command.allowUnknownOption().allowExcessArguments().helpOption(false)
  parse(loose, argv)
  return { config: loose.opts<GlobalOptions>().config, words: loose.args.filter((word) => !word.startsWith('-')) }
}

/**
 * Reads a command line with the flags of the tasks of its environment. Which environment that is cannot be known before its
 * flags are: a word that names one may be the value of a flag. So each that is named is tried, until the command line, read
 * with its flags, has that very word in the place of the environment. Nothing when help was printed.
 *
 * @throws SrvError 1xx
 */
export async function readStrictly(
  argv: readonly string[],
  io: Io,
  makeCommand: () => Command,
  flagsFor: (project: Project) => PlanFlags,
): Promise<Read | undefined> {
  // Without an environment there is nothing to load a config for: the strict parser says what is missing.
  if (argv.every((word) => word.startsWith('-'))) parse(makeCommand(), argv)
  const { config, words } = peek(makeCommand(), argv)
  const opened = await openConfig(io, config, loadSsh2)
  const named = words.filter((word) => opened.environments.includes(word))
  let refusal: SrvError | undefined
  for (const guess of new Set(named.length === 0 ? words.slice(0, 1) : named)) {
    try {
      const project = await opened.projectFor(guess)
      const found = flagsFor(project)
      const command = makeCommand()
      addFlags(command, found.flags)
      if (!parse(command, argv)) return undefined
      const { environment } = wordsOf(command)
      if (environment === guess) return { project, command, ...found }
      // Its name is unknown: that is said with what may have been meant.
      if (environment !== undefined && !opened.environments.includes(environment)) await opened.projectFor(environment)
    } catch (thrown) {
      if (!isSrvError(thrown)) throw thrown
      refusal ??= thrown
    }
  }
  throw refusal ?? srvError('SRV-100', { problem: 'It is not clear which environment is meant: name it first.' })
}
