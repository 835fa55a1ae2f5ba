import { Option } from 'commander'
import { logsScript } from '../../../tasks/logs.ts'
import { srvError } from '../../error/srv-error.ts'
import type { TargetOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { pluginFor } from '../plugin-queries.ts'
import { printAnswers } from '../print-answers.ts'
import { queryCommand, runQuery } from '../query.ts'

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
  const command = queryCommand('logs', "Show the apps' own logs, from several hosts at once.", io)
    .option('-f, --follow', 'keep printing new lines, until Ctrl-C')
    .addOption(
      new Option('-n, --lines <count>', 'how many lines to show of each instance').default(50).argParser(count),
    )
    .option('--since <time>', 'only lines since then, in the format of journalctl: "10 min ago"; for Docker "10m"')
  return runQuery<LogsOptions>(command, argv, io, async (query) => {
    const { follow = false, lines, since } = query.options
    const asked = { follow, lines, ...(since === undefined ? {} : { since }) }
    return printAnswers(query, io, (placement) => {
      const found = pluginFor(query.project, placement, 'logs')
      return found?.queries.logs?.(placement, found.settings, asked) ?? logsScript(placement, asked)
    })
  })
}
