import { Argument, type Command } from 'commander'
import { isSrvError, srvError, type SrvError } from '../../error/srv-error.ts'
import { isBad, scheduleLines, type SchedulesDocument } from '../../report/schedules.ts'
import { worst } from '../../run/outcome.ts'
import { LineSplitter } from '../../shell/sanitize.ts'
import { transportTo } from '../companion.ts'
import { documentEnd, documentError } from '../documents.ts'
import type { TargetOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { firstWordAt, parse } from '../parse.ts'
import { pipelineCommand, runPipelineCommand } from '../pipeline-command.ts'
import { printDocument } from '../print-document.ts'
import { queryCommand, runQuery, type Query } from '../query.ts'
import { askSchedules, scheduleQuestions, type ScheduleQuestion } from '../scheduled.ts'

/** What is done with schedules. */
function action(): Argument {
  return new Argument(
    '<action>',
    'install: from now on; remove: no more; list: when, and what became of it last; run: now, where it is scheduled',
  ).choices(['install', 'remove', 'list', 'run'])
}

/** The command line of what is done with a pipeline, without what is only for deploys. */
function changing(description: string, io: Io): Command {
  const command = pipelineCommand('schedule', description, io, action())
  command.options.find(({ long }) => long === '--force')?.hideHelp()
  return command
}

async function documentOf(query: Query<TargetOptions>): Promise<SchedulesDocument> {
  const { rows, errors } = await askSchedules(query)
  return {
    schema: 'srv.schedules/1',
    environment: query.project.config.environment,
    schedules: rows,
    errors: errors.map((error) => documentError(error)),
  }
}

/** A schedule whose last run failed, or that will no longer run, counts as a failed run: whoever monitors the exit code has to see it. */
function list(argv: readonly string[], io: Io): Promise<number> {
  const command = queryCommand(
    'schedule',
    'When machines work by themselves, and what became of it last.',
    io,
    action(),
  )
  return runQuery<TargetOptions>(command, argv, io, async (query) => {
    const document = await documentOf(query)
    printDocument(io, query.options, document, scheduleLines)
    const failed = document.schedules.some((one) => isBad(one))
    return worst([...document.errors.map((one) => one.exit_code), failed ? 10 : 0])
  })
}

/** @throws SrvError SRV-671 when it fails, 2xx when the machine cannot be reached */
async function runOne(query: Query<TargetOptions>, io: Io, { placement, on, start }: ScheduleQuestion): Promise<void> {
  const { service, host } = placement
  const label = `${service.name}@${host.name}`
  const cutter = new LineSplitter((line) => {
    if (query.options.json !== true) io.stdout.write(`${label}  ${query.mask(line)}\n`)
  })
  const transport = await transportTo(query, placement, on)
  const { end, stdout, stderr } = await transport.exec(await query.secrets.render(start), {
    signal: io.signal,
    onOutput: (_stream, text) => {
      cutter.feed(text)
    },
  })
  cutter.flush()
  const document = {
    schema: 'srv.schedule.run/1',
    service: service.name,
    host: host.name,
    on,
    end: documentEnd(end),
    stdout: query.mask(stdout),
    stderr: query.mask(stderr),
  } as const
  // For people the lines were printed as they came.
  printDocument(io, query.options, document, () => [])
  if (end.kind === 'exit' && end.code === 0) return
  const lines = `${stderr}\n${stdout}`.split('\n').filter((line) => line.trim() !== '')
  const problem = (lines.at(-1) ?? end.kind).replace(/\.$/, '')
  const details = { service: service.name, host: host.name, keeper: on, problem }
  throw srvError('SRV-671', details, { where: { host: on }, output: lines.slice(-20) })
}

/** Runs schedules now, on the machines that run them, just as their timers would. One that fails does not stop the others. */
function runNow(argv: readonly string[], io: Io): Promise<number> {
  const command = queryCommand('schedule', 'Have machines do now what they do at set times.', io, action())
  return runQuery<TargetOptions>(command, argv, io, async (query) => {
    const all = scheduleQuestions(query)
    if (all.length === 0) throw srvError('SRV-672', { environment: query.project.config.environment })
    const errors: SrvError[] = []
    for (const one of all) {
      if (io.signal.aborted) break
      try {
        await runOne(query, io, one)
      } catch (thrown) {
        if (!isSrvError(thrown)) throw thrown
        errors.push(thrown)
      }
    }
    const [first, ...others] = errors
    for (const { message } of others) io.stderr.write(`! ${query.mask(message)}\n`)
    if (first !== undefined) throw first
    return 0
  })
}

/** `srv schedule install|remove|list|run <environment> [service…]`. */
export async function schedule(argv: readonly string[], io: Io): Promise<number> {
  const whole = changing('Have machines make backups by themselves.', io)
  switch (argv[firstWordAt(whole, argv)]) {
    case 'list':
      return list(argv, io)
    case 'run':
      return runNow(argv, io)
    case 'install':
      return runPipelineCommand('schedule', argv, io, () =>
        changing('Have machines make backups by themselves from now on.', io),
      )
    case 'remove':
      return runPipelineCommand('unschedule', argv, io, () => changing('Take schedules away; snapshots stay.', io))
    default:
      if (parse(whole, argv))
        throw srvError('SRV-100', { problem: 'Name the action first: srv schedule list production.' })
      return 0
  }
}
