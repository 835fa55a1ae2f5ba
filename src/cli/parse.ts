import { Command, CommanderError } from 'commander'
import { srvError } from '../error/srv-error.ts'
import type { Io } from './io.ts'

/** A command that prints its help on stdout and throws what is wrong with the command line instead of exiting. */
export function createCommand(name: string, description: string, io: Io): Command {
  return new Command(`srv ${name}`)
    .description(description)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      // The message is thrown; what commander would print beside it says the same.
      writeErr: () => undefined,
    })
}

function sentence(message: string): string {
  const text = message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .trim()
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!)]$/.test(text) ? '' : '.'}`
}

/** Does something with commander; it is `undefined` when help was asked for and printed. @throws SrvError SRV-100 */
function withCommander<R>(work: () => R): R | undefined {
  try {
    return work()
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    if (thrown.exitCode === 0) return undefined
    throw srvError('SRV-100', { problem: sentence(thrown.message) })
  }
}

/**
 * Parses what follows a command's name. It returns `false` when help was asked for and printed.
 *
 * @throws SrvError SRV-100 for an unknown option, a missing argument or one too many, with commander's suggestion
 */
export function parse(command: Command, argv: readonly string[]): boolean {
  return withCommander(() => command.parse([...argv], { from: 'user' })) !== undefined
}

/**
 * Reads the options that a command knows, and gives all words that are neither an option nor the value of one of those: of
 * an option that it does not know nobody can tell whether a value follows.
 *
 * @throws SrvError SRV-100 for an option without its value
 */
export function parseLoosely(command: Command, argv: readonly string[]): readonly string[] {
  const { operands, unknown } = withCommander(() => command.parseOptions([...argv])) ?? { operands: [], unknown: [] }
  return [...operands, ...unknown].filter((word) => !word.startsWith('-'))
}

/** The arguments of a command about an environment, once they are parsed; an action may stand before them. */
export function wordsOf(command: Command): {
  readonly environment: string | undefined
  readonly names: readonly string[]
} {
  const [environment, ...names] = command.args.slice(environmentAt(command))
  return { environment, names }
}

/** The place of the environment among the arguments of a command. */
export function environmentAt(command: Command): number {
  return command.registeredArguments.findIndex((argument) => argument.name() === 'environment')
}

/** Where the first word stands that is neither an option nor the value of an option that this command knows; -1 when there is none. */
export function firstWordAt(command: Command, argv: readonly string[]): number {
  return argv.findIndex((word, index) => {
    if (word.startsWith('-')) return false
    const before = argv[index - 1]
    const option = command.options.find(
      ({ short, long }) => before !== undefined && (before === short || before === long),
    )
    return option === undefined || !(option.required || option.optional)
  })
}
