import { Option, type Argument, type Command } from 'commander'

/** The options that every command knows. */
export interface GlobalOptions {
  /** Path of the config file; found from the current folder upwards by default. */
  readonly config?: string
  readonly json?: boolean
  readonly plain?: boolean
  /** How often `-v` was given. */
  readonly verbose: number
}

/** The options of commands that act on a part of an environment. */
export interface TargetOptions extends GlobalOptions {
  /** Names of hosts; `!name` leaves one out. */
  readonly host?: readonly string[]
  readonly tag?: readonly string[]
}

function list(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...value.split(',').filter((one) => one !== '')]
}

/** Adds the options that every command knows. */
export function withGlobalOptions(command: Command): Command {
  return command
    .option('--config <path>', 'the config file; by default the srv.config.ts found here or in a folder above')
    .option('--json', 'machine-readable output on stdout')
    .option('--plain', 'plain lines instead of the live view')
    .addOption(
      new Option('-v, --verbose', '-v shows the output of steps, -vvv also the stack traces of errors')
        .default(0)
        .argParser((_value: string, before: number) => before + 1),
    )
}

/** Adds the choice of hosts. */
export function withTargetOptions(command: Command): Command {
  return withGlobalOptions(command)
    .option('--host <names>', 'only these hosts, by name, comma-separated; !name leaves one out', list)
    .option('--tag <tags>', 'only hosts with one of these tags', list)
}

/** Adds the choice of an environment and of services in it; what is to be done with them may stand before it. */
export function withPlaceWords(command: Command, action?: Argument): Command {
  if (action !== undefined) command.addArgument(action)
  return command
    .argument('<environment>', 'an environment of the config')
    .argument('[services...]', 'services, or instances as service/instance; all by default')
}
