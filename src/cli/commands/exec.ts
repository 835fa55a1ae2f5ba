import { hostsOf } from '../../plan/build.ts'
import type { Host } from '../../config/resolved.ts'
import { sh, type Script } from '../../shell/script.ts'
import { LineSplitter } from '../../shell/sanitize.ts'
import type { End } from '../../transport/transport.ts'
import { isSrvError, srvError, type SrvError } from '../../error/srv-error.ts'
import { worst } from '../../run/outcome.ts'
import { printError } from '../../report/print-error.ts'
import type { TargetOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { documentEnd } from '../documents.ts'
import { asksForHelp, cutWords } from '../own-words.ts'
import { settleAll } from '../settle.ts'
import { execInside } from '../plugin-queries.ts'
import { printDocument } from '../print-document.ts'
import { queryCommand, runQuery, type Query } from '../query.ts'

interface ExecOptions extends TargetOptions {
  readonly raw?: boolean
  /** Inside this service of the compose projects instead of on the host. */
  readonly in?: string
}

/** Where a command is to run: a host, or inside what runs on it. */
interface Site {
  readonly host: Host
  /** The host's name, or the placement's id. */
  readonly label: string
  readonly script: Script
}

function sitesOf(query: Query<ExecOptions>, words: readonly string[]): readonly Site[] {
  const { project, placements, options } = query
  const { in: inside } = options
  if (inside === undefined) {
    return hostsOf(placements).map((host) => ({ host, label: host.name, script: sh`${words}` }))
  }
  const sites = placements.flatMap((placement) => {
    const script = execInside(project, placement, inside, words)
    return script === undefined ? [] : [{ host: placement.host, label: placement.id, script }]
  })
  if (sites.length > 0) return sites
  const ids = [...new Set(placements.map(({ instance }) => instance.id))].join(', ')
  throw srvError('SRV-100', { problem: `--in names a service of a compose project, but ${ids} has none.` })
}

/** How a command ended on one host. */
interface Ended {
  readonly host: string
  readonly end: End
  readonly stdout: string
  readonly stderr: string
}

function documentOf(ended: readonly Ended[]) {
  return {
    schema: 'srv.exec/1',
    hosts: ended.map(({ host, end, stdout, stderr }) => ({ host, end: documentEnd(end), stdout, stderr })),
  } as const
}

function failure({ host, end }: Ended): SrvError | undefined {
  if (end.kind === 'exit' && end.code === 0) return undefined
  const how = end.kind === 'exit' ? `exit status ${end.code}` : end.kind === 'signal' ? end.signal : end.kind
  return srvError('SRV-511', { host, how }, { where: { host } })
}

/** `srv exec <environment> -- argv…`: one command on each chosen host at the same time. It exits 0 or 5; with `--raw` on one host, with the command's own status. */
export async function exec(argv: readonly string[], io: Io): Promise<number> {
  const { own, behind } = cutWords(argv)
  const words = behind.slice(1)
  const command = queryCommand('exec', 'Run a command on each host: srv exec production -- uptime', io)
    .option('--in <service>', 'run inside this service of the compose projects instead of on the host')
    .option('--raw', "for one host: print output without the host's name, and exit with the command's own status")
  if (words.length === 0 && !asksForHelp(own)) {
    throw srvError('SRV-100', {
      problem: 'The command is missing: it goes after --, as in srv exec production -- uptime.',
    })
  }
  return runQuery<ExecOptions>(command, own, io, async (query) => {
    const { options, pool, secrets, mask } = query
    const sites = sitesOf(query, words)
    if (options.raw === true && sites.length > 1) {
      throw srvError('SRV-100', { problem: `--raw is for one host, but ${sites.length} are chosen: add --host.` })
    }
    const width = Math.max(...sites.map(({ label }) => label.length))
    const isShown = options.json !== true
    const { values: ended, thrown } = await settleAll(sites, async ({ host, label, script }): Promise<Ended> => {
      const transport = await pool.get(host)
      const prefix = options.raw === true ? '' : `${label.padEnd(width)}  `
      const cutter = (stream: NodeJS.WriteStream): LineSplitter =>
        new LineSplitter((line) => isShown && stream.write(`${prefix}${mask(line)}\n`))
      const cutters = { stdout: cutter(io.stdout), stderr: cutter(io.stderr) }
      const result = await transport.exec(await secrets.render(script), {
        signal: io.signal,
        onOutput: (stream, text) => {
          cutters[stream].feed(text)
        },
      })
      cutters.stdout.flush()
      cutters.stderr.flush()
      return { host: host.name, end: result.end, stdout: mask(result.stdout), stderr: mask(result.stderr) }
    })
    // For people the lines were printed as they came.
    printDocument(io, options, documentOf(ended), () => [])
    const failed = ended.map((one) => failure(one)).filter((error) => error !== undefined)
    const [only] = ended
    if (options.raw === true && only?.end.kind === 'exit') return only.end.code
    for (const error of [...thrown, ...failed]) printError(error, { ...io, json: false, verbose: options.verbose })
    return worst([
      ...failed.map(({ exitCode }) => exitCode),
      ...thrown.map((error) => (isSrvError(error) ? error.exitCode : 1)),
    ])
  })
}
