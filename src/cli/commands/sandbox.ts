import {
  sandboxStatusDocument,
  sandboxStatusLines,
  sandboxStopDocument,
  sandboxStopLines,
} from '../../sandbox/command.ts'
import { findConfig } from '../../config/find.ts'
import { dirname } from 'node:path'
import { withGlobalOptions, type GlobalOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { createCommand, parse } from '../parse.ts'
import { printDocument } from '../print-document.ts'

/** `srv sandbox status|stop`: shows what runs on this project's sandbox hosts, or stops it. The config is found, but not run. */
export async function sandbox(argv: readonly string[], io: Io): Promise<number> {
  const command = withGlobalOptions(createCommand('sandbox', 'The built-in practice hosts of this project.', io))
  const { Argument } = await import('commander')
  command.addArgument(new Argument('<action>', 'what to do').choices(['status', 'stop']))
  if (!parse(command, argv)) return 0
  const options = command.opts<GlobalOptions>()
  const projectRoot = dirname((await findConfig(io.cwd, options.config)).file)
  if (command.args[0] === 'stop') printDocument(io, options, await sandboxStopDocument(projectRoot), sandboxStopLines)
  else printDocument(io, options, await sandboxStatusDocument(projectRoot), sandboxStatusLines)
  return 0
}
