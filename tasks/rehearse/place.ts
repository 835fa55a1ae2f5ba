import { createHash } from 'node:crypto'
import type { Instance, Placement, Scratch, Supervisor } from '../../src/index.ts'
import { scratchHealth } from './health.ts'

/** Where things of a rehearsal are, as its scripts have to know it. */
export interface ScratchSite extends Placement {
  readonly directory: string
}

/** A copy gets less time to stop than the app: it has to be gone before the dead man's switch ends the script that stops it. */
const longestStopMs = 3000

/** How long a copy gets to end. */
export function stopTimeoutOf(start: Supervisor | undefined): number {
  return start === undefined || start.kind === 'command' ? longestStopMs : Math.min(start.stopTimeoutMs, longestStopMs)
}

/** The copy of the release. */
export function appOf({ folder }: Pick<Scratch, 'folder'>): string {
  return `${folder}/app`
}

/** The unit of a rehearsal; two hosts of the config may be one machine. */
function unitOf({ instance, paths }: Placement): string {
  const hash = createHash('sha256').update(paths.service).digest('hex').slice(0, 8)
  return `srv-rehearsal-${instance.service}-${instance.name}-${hash}`
}

/** A text in which paths of what serves are replaced by those of the copy. A longer name that begins in the same way is another path. */
function moved(text: string, { paths }: Placement, scratch: Pick<Scratch, 'folder' | 'data'>): string {
  const put = (known: string, from: string, to: string): string =>
    known.split(from).reduce((all, more) => `${all}${/^[\w.-]/.test(more) ? from : to}${more}`)
  const ways = [
    [`${paths.instance}/current`, appOf(scratch)],
    [paths.instance, appOf(scratch)],
    [paths.data, scratch.data],
  ] as const
  return ways.reduce((known, [from, to]) => put(known, from, to), text)
}

/** What starts the copy: as in the config, but under its own name and with a time limit; `undefined` when that is impossible. */
export function supervisorOf(placement: Placement, scratch: Scratch): Supervisor | undefined {
  const { start } = placement.instance
  if (start === undefined) return undefined
  const stopTimeoutMs = stopTimeoutOf(start)
  const limit = `RuntimeMaxSec=${String(scratch.limitSeconds)}`
  switch (start.kind) {
    case 'systemd':
      return {
        ...start,
        stopTimeoutMs,
        exec: scratch.start ?? moved(start.exec, placement, scratch),
        unit: unitOf(placement),
        service: [
          ...start.service.map((line) => moved(line, placement, scratch)),
          'Restart=no',
          limit,
          // Whatever paths are in its settings or data, it can only reach the scratch data.
          ...(start.scope === 'system' ? [`BindPaths=${scratch.data}:${placement.paths.data}`] : []),
        ],
      }
    case 'process':
      return { ...start, stopTimeoutMs, exec: scratch.start ?? moved(start.exec, placement, scratch) }
    case 'command':
      return scratch.start === undefined ? undefined : { kind: 'process', exec: scratch.start, stopTimeoutMs }
  }
}

/** The instance as it is in scratch: a copy of the release, other data, a port of its own. */
export function scratchSite(placement: Placement, scratch: Scratch): ScratchSite {
  const { instance } = placement
  const start = supervisorOf(placement, scratch)
  const health = scratchHealth(instance.health, placement.host, scratch.port)
  const commands = health.map((one) =>
    one.kind === 'command' ? { ...one, command: moved(one.command, placement, scratch) } : one,
  )
  return siteOf(placement, scratch, { ...instance, health: commands, ...(start === undefined ? {} : { start }) })
}

/** The same for callers that only stop what was started. */
export function endedSite(placement: Placement, scratch: Pick<Scratch, 'folder' | 'data'>): ScratchSite {
  const { start } = placement.instance
  const named = start?.kind === 'systemd' ? { start: { ...start, unit: unitOf(placement) } } : {}
  return siteOf(placement, scratch, { ...placement.instance, ...named })
}

function siteOf(
  placement: Placement,
  { folder, data }: Pick<Scratch, 'folder' | 'data'>,
  instance: Instance,
): ScratchSite {
  const app = appOf({ folder })
  const paths = { service: folder, data, instance: app, state: `${folder}/state` }
  return { ...placement, instance, paths, directory: app }
}
