import { randomBytes } from 'node:crypto'
import type { Host } from '../../config/resolved.ts'
import { isSrvError } from '../../error/srv-error.ts'
import { lines, raw, sh, type Script } from '../../shell/script.ts'
import { runPieces } from './pieces.ts'
import type { Session } from '../session.ts'

/** What a shell could not read. */
export interface Unreadable {
  /** Position of the script; the first one when that is unknown. */
  readonly index: number
  /** What the shell said about it, with line numbers of that script; empty when that is unknown. */
  readonly output: string
}

/**
 * Finds the script because of which a shell refused all that were sent together: each is read by itself, and none is
 * run. One more command, but only after a failure.
 */
export async function unreadableScript(
  session: Session,
  host: Host,
  scripts: readonly { readonly script: Script }[],
): Promise<Unreadable> {
  const end = `srv_${randomBytes(8).toString('hex')}`
  // In the same subshell as when it runs: an unfinished here-document then swallows the end of it.
  const pieces = scripts.map(({ script }) => ({
    script: lines(raw(`/bin/sh -n <<'${end}'`), sh`( ${script}`, raw(')'), raw(end)),
    mayFail: true,
  }))
  try {
    const transport = await session.pool.get(host)
    const { answers } = await runPieces(transport, pieces, { render: session.secrets.render })
    const index = answers.findIndex((answer) => answer !== undefined && answer.code !== 0)
    if (index !== -1) return { index, output: answers[index]?.stderr.trim() ?? '' }
  } catch (thrown) {
    if (!isSrvError(thrown)) throw thrown
  }
  return { index: 0, output: '' }
}
