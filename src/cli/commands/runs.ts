import { createReadStream, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Argument } from 'commander'
import { findConfig } from '../../config/find.ts'
import { srvError } from '../../error/srv-error.ts'
import { didYouMean } from '../../error/suggest.ts'
import { runLines, type RunLogDocument } from '../../report/run.ts'
import { runsLines } from '../../report/runs.ts'
import { runsFolder } from '../../run/journal/paths.ts'
import { readEvents } from '../../run/journal/read-events.ts'
import { listRuns, openRun, runNames, type KeptRun } from '../../run/journal/runs.ts'
import { withGlobalOptions, type GlobalOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { createCommand, parse } from '../parse.ts'
import { printDocument } from '../print-document.ts'
import { logsOf, runDocument, runsDocument } from '../run-documents.ts'

interface RunsOptions extends GlobalOptions {
  readonly changed?: boolean
  readonly failed?: boolean
  readonly log?: string
}

/** Whether a run changed something, as far as anybody knows: after exit 5, 6 and 7 hosts were touched. */
function hasChanged({ end }: KeptRun): boolean {
  return end !== null && (end.changed > 0 || [5, 6, 7].includes(end.exit_code))
}

function hasFailed({ end }: KeptRun): boolean {
  return end !== null && end.exit_code !== 0
}

/** The run with this id, or the only one whose id begins or ends like this. */
async function named(projectRoot: string, id: string): Promise<KeptRun> {
  const folder = runsFolder(projectRoot)
  const names = runNames(projectRoot)
  const like = names.filter((name) => name.startsWith(id) || name.endsWith(id))
  const name = like.length === 1 ? like[0] : like.find((one) => one === id)
  const run = name === undefined ? undefined : await openRun(projectRoot, name, Date.now())
  if (run !== undefined) return run
  const several = `It could be any of ${like.slice(0, 5).join(', ')}.`
  const suggestion = like.length > 1 ? several : didYouMean(id, names.slice(0, 10))
  throw srvError('SRV-119', { run: id, folder, suggestion })
}

async function newest(projectRoot: string): Promise<KeptRun> {
  const [run] = await listRuns(projectRoot, Date.now())
  if (run === undefined) throw srvError('SRV-120', { folder: runsFolder(projectRoot) })
  return run
}

async function showLog(run: KeptRun, host: string, options: RunsOptions, io: Io): Promise<void> {
  const logs = logsOf(run.folder, io.cwd)
  const path = Object.hasOwn(logs, host) ? logs[host] : undefined
  if (path === undefined) throw srvError('SRV-122', { run: run.record.id, host, logs: Object.keys(logs) })
  if (options.json !== true) return pipeline(createReadStream(resolve(io.cwd, path)), io.stdout, { end: false })
  const lines = readFileSync(resolve(io.cwd, path), 'utf8').trimEnd().split('\n')
  const document: RunLogDocument = { schema: 'srv.runs.log/1', id: run.record.id, host, path, lines }
  printDocument(io, options, document, () => lines)
}

async function show(projectRoot: string, id: string | undefined, options: RunsOptions, io: Io): Promise<void> {
  const run = id === undefined ? await newest(projectRoot) : await named(projectRoot, id)
  if (options.log !== undefined) return showLog(run, options.log, options, io)
  const document = runDocument(run, await readEvents(run.folder), io.cwd)
  printDocument(io, options, document, runLines)
}

async function list(projectRoot: string, options: RunsOptions, io: Io): Promise<void> {
  const all = await listRuns(projectRoot, Date.now())
  const runs = all.filter(
    (run) => (options.changed !== true || hasChanged(run)) && (options.failed !== true || hasFailed(run)),
  )
  printDocument(io, options, runsDocument(runs, io.cwd), runsLines)
}

/** `srv runs list` and `srv runs show [id]`: what was done from this machine. The config is found, but not run, and nothing is contacted. */
export async function runs(argv: readonly string[], io: Io): Promise<number> {
  const command = withGlobalOptions(
    createCommand('runs', 'List or show earlier runs of this project from this machine.', io),
  )
    .addArgument(new Argument('[action]', 'what to do').choices(['list', 'show']).default('list'))
    .argument('[run]', 'for show: its id, or how it begins or ends; the newest by default')
    .option('--changed', 'for list: only runs that changed something')
    .option('--failed', 'for list: only runs that did not succeed')
    .option('--log <host>', 'for show: the whole log of a host; local is this machine')
  if (!parse(command, argv)) return 0
  const options = command.opts<RunsOptions>()
  const [action, id] = command.args
  const projectRoot = dirname((await findConfig(io.cwd, options.config)).file)
  try {
    if (action === 'show') await show(projectRoot, id, options, io)
    else await list(projectRoot, options, io)
  } catch (thrown) {
    if (!(thrown instanceof Error && 'syscall' in thrown)) throw thrown
    throw srvError('SRV-123', { folder: runsFolder(projectRoot), problem: thrown.message }, { cause: thrown })
  }
  return 0
}
