import { psScript } from '../../../tasks/ps.ts'
import type { TargetOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { pluginFor } from '../plugin-queries.ts'
import { printAnswers } from '../print-answers.ts'
import { queryCommand, runQuery } from '../query.ts'

/** `srv ps <environment> [service…]`: the processes or containers of instances, as their hosts show them. */
export async function ps(argv: readonly string[], io: Io): Promise<number> {
  const command = queryCommand('ps', 'List the processes or containers of instances, as their hosts show them.', io)
  return runQuery<TargetOptions>(command, argv, io, async (query) =>
    printAnswers(query, io, (placement) => {
      const found = pluginFor(query.project, placement, 'ps')
      return found?.queries.ps?.(placement, found.settings) ?? psScript(placement)
    }),
  )
}
