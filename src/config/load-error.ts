import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { srvError, type SrvError } from '../error/srv-error.ts'

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

function path(text: string): string {
  return text.startsWith('file:') ? fileURLToPath(text) : text
}

/** The first place of a stack trace that lies in the user's own files. */
function firstPlace(stack: string): string | undefined {
  const places = [...stack.matchAll(/^ +at (?:.*\()?(?:file:\/\/)?(\/[^()]*:\d+:\d+)\)?$/gm)].map(([, place]) => place)
  return places.find((place) => place?.includes('/node_modules/') === false)
}

function codeOf(error: object): unknown {
  return 'code' in error ? error.code : undefined
}

/** What esbuild says of a syntax error: `/project/srv.config.ts:3:5: ERROR: Expected "}" but found ";"`. */
function transformError(message: string, cause: unknown): SrvError | undefined {
  const match = /^(.+?):(\d+):(\d+): ERROR: (.+)$/m.exec(message)
  if (match === null) return undefined
  const [, file = '', line, column, problem = ''] = match
  // esbuild counts columns from 0, editors from 1.
  const place = { file: path(file), line: Number(line), column: Number(column) + 1 }
  return srvError('SRV-102', { ...place, problem: sentence(problem) }, { cause })
}

/** The place above a syntax error's message: `/project/srv.config.js:3`, the line, and a caret below its column. */
function caretPlace(
  text: string,
): { readonly file: string; readonly line: number; readonly column: number } | undefined {
  const match = /^(\S+):(\d+)\n.*\n( *)\^/.exec(text)
  if (match === null) return undefined
  const [, file = '', line, indent = ''] = match
  return { file: path(file), line: Number(line), column: indent.length + 1 }
}

/** What Node says of a syntax error in JavaScript. The error does not say where, but Node prints the place when it only checks a file. */
function syntaxError(file: string, error: Error): SrvError | undefined {
  if (!(error instanceof SyntaxError)) return undefined
  const checked = () => spawnSync(process.execPath, ['--check', file], { encoding: 'utf8', timeout: 10_000 }).stderr
  const place = caretPlace(error.stack ?? '') ?? caretPlace(checked())
  return place && srvError('SRV-102', { ...place, problem: sentence(error.message) }, { cause: error })
}

/** What went wrong while a config was loaded, as an error that names the place in it. */
export function loadError(file: string, cause: unknown): SrvError {
  if (!(cause instanceof Error)) return srvError('SRV-103', { file, problem: sentence(String(cause)) }, { cause })
  const syntax = transformError(cause.message, cause) ?? syntaxError(file, cause)
  if (syntax !== undefined) return syntax
  const code = codeOf(cause)
  if (code === 'ERR_REQUIRE_CYCLE_MODULE' || code === 'ERR_REQUIRE_ESM') return srvError('SRV-108', { file }, { cause })
  const at = firstPlace(cause.stack ?? '')
  const [problem = ''] = cause.message.split('\n')
  return srvError('SRV-103', { file, problem: sentence(problem), ...(at === undefined ? {} : { at }) }, { cause })
}
