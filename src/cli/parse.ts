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

/**
 * Parses what follows a command's name. It returns `false` when help was asked for and printed.
 *
 * @throws SrvError SRV-100 for an unknown option, a missing argument or one too many, with commander's suggestion
 */
export function parse(command: Command, argv: readonly string[]): boolean {
  try {
    command.parse([...argv], { from: 'user' })
    return true
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    if (thrown.exitCode === 0) return false
    throw srvError('SRV-100', { problem: sentence(thrown.message) })
  }
}

/** The arguments of a command about an environment, once they are parsed; an action may stand before them. */
export function wordsOf(command: Command): {
  readonly environment: string | undefined
  readonly names: readonly string[]
} {
  const at = command.registeredArguments.findIndex((argument) => argument.name() === 'environment')
  const [environment, ...names] = command.args.slice(at)
  return { environment, names }
}
