import type { Command } from 'commander'
import { isSrvError, srvError, type SrvError } from '../error/srv-error.ts'
import type { Plan } from '../plan/plan.ts'
import { loadSsh2 } from '../transport/pool.ts'
import { addFlags, type Flags } from './flags.ts'
import type { GlobalOptions } from './global-options.ts'
import type { Io } from './io.ts'
import { environmentAt, parse, parseLoosely, wordsOf } from './parse.ts'
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
  const loose = makeCommand()
  const words = parseLoosely(loose, argv)
  const [first] = words.slice(environmentAt(loose))
  // Without an environment there is nothing to load a config for: the strict parser says what is missing.
  if (first === undefined && !parse(makeCommand(), argv)) return undefined
  const opened = await openConfig(io, loose.opts<GlobalOptions>().config, loadSsh2)
  const named = words.filter((word) => opened.environments.includes(word))
  let refusal: SrvError | undefined
  // Which flags there are tells any of them: enough to find out what stands in the place of the environment.
  for (const guess of new Set(named.length === 0 ? opened.environments.slice(0, 1) : named)) {
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
