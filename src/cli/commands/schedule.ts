import type { Placement } from '../../config/resolved.ts'
import { isSrvError, srvError } from '../../error/srv-error.ts'
import type { Schedules } from '../../plugin/schedules.ts'
import { scheduleLines, type ScheduleRow, type SchedulesDocument } from '../../report/schedules.ts'
import { LineSplitter } from '../../shell/sanitize.ts'
import { transportTo } from '../companion.ts'
import { documentError } from '../documents.ts'
import type { TargetOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { pipelineCommand, runPipelineCommand } from '../pipeline-command.ts'
import { queryCommand, runQuery, type Query } from '../query.ts'

type Place = ReturnType<Schedules['places']>[number]

/** A schedule that a plugin of the config may have for a placement. */
interface Found {
  readonly placement: Placement
  readonly place: Place
  readonly read: Schedules['read']
}

function placesOf({ project, placements }: Query<TargetOptions>): readonly Found[] {
  return placements.flatMap((placement) =>
    project.config.plugins.flatMap(({ parts: { schedules } }) =>
      (schedules?.places(placement, project.config.projectRoot) ?? []).map((place) => ({
        placement,
        place,
        read: (stdout: string) => schedules?.read(stdout),
      })),
    ),
  )
}

async function rowAt(query: Query<TargetOptions>, { placement, place, read }: Found): Promise<ScheduleRow> {
  const { on, folder, probe } = place
  const transport = await transportTo(query, placement, on)
  const { end, stdout, stderr } = await transport.exec(await query.secrets.render(probe))
  if (end.kind !== 'exit' || end.code !== 0) {
    throw srvError('SRV-302', { host: on, problem: stderr.trim() || end.kind }, { where: { host: on } })
  }
  const { service, host } = placement
  return { service: service.name, host: host.name, on, folder, schedule: read(stdout) ?? null }
}

async function documentOf(query: Query<TargetOptions>): Promise<SchedulesDocument> {
  const schedules: ScheduleRow[] = []
  const errors: SchedulesDocument['errors'][number][] = []
  for (const found of placesOf(query)) {
    try {
      schedules.push(await rowAt(query, found))
    } catch (thrown) {
      if (!isSrvError(thrown)) throw thrown
      errors.push(documentError(thrown))
    }
  }
  return { schema: 'srv.schedules/1', environment: query.project.config.environment, schedules, errors }
}

/** A schedule whose last run failed is as bad as a failed run: whoever watches by the exit code has to see it. */
function list(argv: readonly string[], io: Io): Promise<number> {
  const command = queryCommand('schedule list', 'When machines work by themselves, and what became of it last.', io)
  return runQuery<TargetOptions>(command, argv, io, async (query) => {
    const document = await documentOf(query)
    if (query.options.json === true) io.stdout.write(`${JSON.stringify(document)}\n`)
    else
      for (const line of scheduleLines(document, { stream: io.stdout, env: io.env, now: Date.now() }))
        io.stdout.write(`${line}\n`)
    const failed = document.schedules.some(({ schedule }) => schedule?.last?.ok === false)
    return document.errors[0]?.exit_code ?? (failed ? 10 : 0)
  })
}

/** What is scheduled, run now where it is scheduled, in the way in which its time would run it. */
function runNow(argv: readonly string[], io: Io): Promise<number> {
  const command = queryCommand('schedule run', 'Have machines do now what they do at set times.', io)
  return runQuery<TargetOptions>(command, argv, io, async (query) => {
    const places = placesOf(query)
    if (places.length === 0) throw srvError('SRV-672', { environment: query.project.config.environment })
    for (const { placement, place } of places) {
      const { service, host } = placement
      const label = `${service.name}@${host.name}`
      const cutter = new LineSplitter((line) => {
        if (query.options.json !== true) io.stdout.write(`${label}  ${query.mask(line)}\n`)
      })
      const transport = await transportTo(query, placement, place.on)
      const result = await transport.exec(await query.secrets.render(place.start), {
        signal: io.signal,
        onOutput: (_stream, text) => {
          cutter.feed(text)
        },
      })
      cutter.flush()
      const { end, stdout, stderr } = result
      if (query.options.json === true) {
        const document = { schema: 'srv.schedule.run/1', service: service.name, host: host.name, on: place.on, end }
        io.stdout.write(`${JSON.stringify({ ...document, stdout: query.mask(stdout), stderr: query.mask(stderr) })}\n`)
      }
      if (end.kind === 'exit' && end.code === 0) continue
      const lines = `${stderr}\n${stdout}`.split('\n').filter((line) => line.trim() !== '')
      const problem = (lines.at(-1) ?? end.kind).replace(/\.$/, '')
      const details = { service: service.name, host: host.name, keeper: place.on, problem }
      throw srvError('SRV-671', details, { where: { host: place.on }, output: lines.slice(-20) })
    }
    return 0
  })
}

/** `srv schedule install|remove|list|run <environment> [service…]`. */
export async function schedule(argv: readonly string[], io: Io): Promise<number> {
  const word = argv.find((one) => !one.startsWith('-'))
  const rest = argv.filter((_one, index) => index !== argv.indexOf(word ?? ''))
  switch (word) {
    case 'list':
      return list(rest, io)
    case 'run':
      return runNow(rest, io)
    case 'install':
      return runPipelineCommand('schedule', rest, io, () =>
        pipelineCommand('schedule install', 'Have machines make backups by themselves from now on.', io),
      )
    case 'remove':
      return runPipelineCommand('unschedule', rest, io, () =>
        pipelineCommand('schedule remove', 'Take schedules away; snapshots stay.', io),
      )
    default: {
      if (argv.includes('--help') || argv.includes('-h')) {
        io.stdout.write(usage)
        return 0
      }
      const problem = word === undefined ? 'The action is missing' : `srv schedule has no action ${word}`
      throw srvError('SRV-100', {
        problem: `${problem}: it is install, remove, list or run, as in srv schedule list production.`,
      })
    }
  }
}

const usage = `Usage: srv schedule <action> <environment> [services...]

Actions
  install  have machines make backups by themselves from now on
  remove   take schedules away; snapshots stay
  list     when they run, and what became of it last
  run      do it now, where it is scheduled

Options of every action
  --help, --config <path>, --json, --plain, -v, --host <names>, --tag <tags>

srv schedule <action> --help shows the rest.
`
