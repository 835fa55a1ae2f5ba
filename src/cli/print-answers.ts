import type { Placement } from '../config/resolved.ts'
import { isSrvError, srvError } from '../error/srv-error.ts'
import { printError } from '../report/print-error.ts'
import { worst } from '../run/outcome.ts'
import { LineSplitter } from '../shell/sanitize.ts'
import type { Script } from '../shell/script.ts'
import type { TargetOptions } from './global-options.ts'
import type { Io } from './io.ts'
import type { Query } from './query.ts'
import { settleAll } from './settle.ts'

/**
 * Runs a script for each instance, all at the same time, and prints each line as it comes, with the instance in front
 * when there are several, or as a JSON line. The result is the exit code: SRV-512 for each that failed is printed.
 */
export async function printAnswers<O extends TargetOptions>(
  { placements, options, pool, secrets, mask }: Query<O>,
  io: Io,
  scriptOf: (placement: Placement) => Script,
): Promise<number> {
  const width = Math.max(...placements.map(({ id }) => id.length))
  const one = async (placement: Placement): Promise<number> => {
    const prefix = placements.length === 1 ? '' : `${placement.id.padEnd(width)}  `
    const write = (line: string): void => {
      const text = mask(line)
      io.stdout.write(
        options.json === true ? `${JSON.stringify({ instance: placement.id, line: text })}\n` : `${prefix}${text}\n`,
      )
    }
    const cutter = new LineSplitter(write)
    const transport = await pool.get(placement.host)
    const { end, stderr } = await transport.exec(await secrets.render(scriptOf(placement)), {
      signal: io.signal,
      onOutput: (stream, text) => {
        if (stream === 'stdout') cutter.feed(text)
      },
    })
    cutter.flush()
    if ((end.kind === 'exit' && end.code === 0) || end.kind === 'cancelled') return 0
    const problem = end.kind === 'lost' ? end.reason : stderr.trim() || end.kind
    throw srvError('SRV-512', { target: placement.id, problem }, { where: { host: placement.host.name } })
  }
  const { thrown } = await settleAll(placements, one)
  for (const error of thrown) printError(error, { ...io, json: false, verbose: options.verbose })
  return worst(thrown.map((error) => (isSrvError(error) ? error.exitCode : 1)))
}
