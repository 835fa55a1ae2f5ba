import { configText } from '../config-text.ts'
import { withGlobalOptions, type GlobalOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { createCommand, parse } from '../parse.ts'
import { openProject } from '../project.ts'

/** `srv config production`: the config as srv understood it for an environment. Nothing is contacted. */
export async function config(argv: readonly string[], io: Io): Promise<number> {
  const command = withGlobalOptions(
    createCommand('config', 'Show the config as srv understood it: overlays, defaults, secrets by name.', io),
  ).argument('[environment]', 'an environment of the config; the first by default')
  if (!parse(command, argv)) return 0
  const options = command.opts<GlobalOptions>()
  const project = await openProject(io, options.config, command.args[0])
  io.stdout.write(`${configText(project.config, { indent: options.json === true ? 0 : 2 })}\n`)
  return 0
}
