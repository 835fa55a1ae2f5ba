import { hostsOf } from '../../plan/build.ts'
import { sh } from '../../shell/script.ts'
import { LineSplitter } from '../../shell/sanitize.ts'
import type { End } from '../../transport/transport.ts'
import { isSrvError, srvError, type SrvError } from '../../error/srv-error.ts'
import { worst } from '../../run/outcome.ts'
import { printError } from '../../report/print-error.ts'
import { withTargetOptions, type TargetOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { createCommand } from '../parse.ts'
import { settleAll } from '../settle.ts'
import { runQuery } from '../query.ts'

interface ExecOptions extends TargetOptions {
  readonly raw?: boolean
}

/** How a command ended on one host, in `srv exec --json`. */
interface Ended {
  readonly host: string
  readonly end: End
  readonly stdout: string
  readonly stderr: string
}

function failure({ host, end }: Ended): SrvError | undefined {
  if (end.kind === 'exit' && end.code === 0) return undefined
  const how = end.kind === 'exit' ? `exit status ${end.code}` : end.kind === 'signal' ? end.signal : end.kind
  return srvError('SRV-511', { host, how }, { where: { host } })
}

/** `srv exec <environment> -- argv…`: one command on each chosen host at the same time. It exits 0 or 5; with `--raw` on one host, with the command's own status. */
export async function exec(argv: readonly string[], io: Io): Promise<number> {
  const at = argv.indexOf('--')
  const words = at === -1 ? [] : argv.slice(at + 1)
  const command = withTargetOptions(
    createCommand('exec', 'Run a command on each host: srv exec production -- uptime', io),
  )
    .argument('<environment>', 'an environment of the config')
    .option('--raw', "on one host: output without the host's name, and the command's own exit status")
  if (words.length === 0 && !argv.includes('--help') && !argv.includes('-h')) {
    throw srvError('SRV-100', {
      problem: 'The command is missing: it stands after --, as in srv exec production -- uptime.',
    })
  }
  return runQuery<ExecOptions>(
    command,
    at === -1 ? argv : argv.slice(0, at),
    io,
    async ({ placements, options, pool, mask }) => {
      const hosts = hostsOf(placements)
      if (options.raw === true && hosts.length > 1) {
        throw srvError('SRV-100', { problem: `--raw is for one host, and ${hosts.length} are chosen: add --host.` })
      }
      const width = Math.max(...hosts.map(({ name }) => name.length))
      const isShown = options.json !== true
      const { values: ended, thrown } = await settleAll(hosts, async (host): Promise<Ended> => {
        const transport = await pool.get(host)
        const prefix = options.raw === true ? '' : `${host.name.padEnd(width)}  `
        const cutter = (stream: NodeJS.WriteStream): LineSplitter =>
          new LineSplitter((line) => isShown && stream.write(`${prefix}${mask(line)}\n`))
        const cutters = { stdout: cutter(io.stdout), stderr: cutter(io.stderr) }
        const result = await transport.exec(sh`${words}`, {
          signal: io.signal,
          onOutput: (stream, text) => {
            cutters[stream].feed(text)
          },
        })
        cutters.stdout.flush()
        cutters.stderr.flush()
        return { host: host.name, ...result }
      })
      if (!isShown) io.stdout.write(`${JSON.stringify({ schema: 'srv.exec/1', hosts: ended })}\n`)
      const failed = ended.map((one) => failure(one)).filter((error) => error !== undefined)
      const [only] = ended
      if (options.raw === true && only?.end.kind === 'exit') return only.end.code
      for (const error of [...thrown, ...failed]) printError(error, { ...io, json: false, verbose: options.verbose })
      return worst([
        ...failed.map(({ exitCode }) => exitCode),
        ...thrown.map((error) => (isSrvError(error) ? error.exitCode : 1)),
      ])
    },
  )
}
