import { Option } from 'commander'
import type { Placement } from '../../config/resolved.ts'
import { worst } from '../../run/outcome.ts'
import { isSrvError, srvError } from '../../error/srv-error.ts'
import { printError } from '../../report/print-error.ts'
import { LineSplitter } from '../../shell/sanitize.ts'
import { logsScript } from '../../../tasks/logs.ts'
import type { TargetOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { queryCommand, runQuery } from '../query.ts'
import { settleAll } from '../settle.ts'

interface LogsOptions extends TargetOptions {
  readonly follow?: boolean
  readonly lines: number
  readonly since?: string
}

function count(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw srvError('SRV-100', { problem: `--lines takes a whole number above 0, not ${text}.` })
}

/** `srv logs <environment> [service…]`: the apps' own logs, each line with the instance it comes from. */
export async function logs(argv: readonly string[], io: Io): Promise<number> {
  const command = queryCommand('logs', "The apps' own logs, from several hosts at once.", io)
    .option('-f, --follow', 'go on as new lines come, until Ctrl-C')
    .addOption(new Option('-n, --lines <count>', 'how many lines of each instance').default(50).argParser(count))
    .option('--since <time>', 'only lines since then, as journalctl reads it: "10 min ago"')
  return runQuery<LogsOptions>(command, argv, io, async ({ placements, options, pool, secrets, mask }) => {
    const { follow = false, lines, since } = options
    const width = Math.max(...placements.map(({ id }) => id.length))
    const one = async (placement: Placement): Promise<number> => {
      const script = logsScript(placement, { follow, lines, ...(since === undefined ? {} : { since }) })
      const prefix = placements.length === 1 ? '' : `${placement.id.padEnd(width)}  `
      const write = (line: string): void => {
        const text = mask(line)
        io.stdout.write(
          options.json === true ? `${JSON.stringify({ instance: placement.id, line: text })}\n` : `${prefix}${text}\n`,
        )
      }
      const cutter = new LineSplitter(write)
      const transport = await pool.get(placement.host)
      const { end, stderr } = await transport.exec(await secrets.render(script), {
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
  })
}
