import { explainedErrors, type Explained } from '../../error/explained.ts'
import { srvError } from '../../error/srv-error.ts'
import { suggest } from '../../error/suggest.ts'
import { withGlobalOptions, type GlobalOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { createCommand, parse } from '../parse.ts'
import { printDocument } from '../print-document.ts'

/** `501`, `srv-501` and `SRV-501` are one code: people type what they remember. */
function codeOf(word: string): string {
  const digits = /^(?:srv-?)?(\d+)$/i.exec(word)?.[1]
  return digits === undefined ? word : `SRV-${digits}`
}

function linesOf({ code, chapter, messages, hints, exitCode }: Explained): readonly string[] {
  const [message = '', ...others] = messages
  return [
    `${code} ${message}`,
    ...others.map((other) => `or: ${other}`),
    ...hints.map((hint) => `  → ${hint}`),
    '',
    `Exit code ${String(exitCode)}. ${chapter}`,
  ]
}

/** `srv explain SRV-501`: what an error means and what to do about it. Neither the config nor a host is asked. */
export function explain(argv: readonly string[], io: Io): Promise<number> {
  const command = withGlobalOptions(
    createCommand('explain', 'Explain what an error means, and what to do about it.', io),
  ).argument('<code>', 'the code of the error, such as SRV-501')
  if (!parse(command, argv)) return Promise.resolve(0)
  const code = codeOf(command.args[0] ?? '')
  const found = explainedErrors.get(code)
  if (found === undefined) {
    const near = suggest(code, explainedErrors.keys())
    throw srvError('SRV-100', {
      problem: `No error has the code ${code}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
    })
  }
  const { chapter, messages, hints, exitCode } = found
  const document = { schema: 'srv.explain/1', code, chapter, messages, hints, exit_code: exitCode } as const
  printDocument(io, command.opts<GlobalOptions>(), document, () => linesOf(found))
  return Promise.resolve(0)
}
