import {
  isSrvError,
  lines,
  raw,
  srvError,
  type InstanceContext,
  type SaidFlags,
  type TaskMaker,
} from '../../../src/index.ts'
import { ageText } from '../age.ts'
import { readOldData, type OldData } from '../old-data.ts'
import type { Options, Settings } from '../options.ts'
import { oldDataScript, removeOldDataScript } from '../scripts/old-data.ts'
import { speaks } from '../vault.ts'
import { endWords, problemOf } from './context.ts'
import { failures } from './failures.ts'

const hour = 60 * 60 * 1000

/** For how long what a restore has left is kept, unless the command line says another time. */
export const oldAfter = '7 days'
const oldAfterMs = 7 * 24 * hour

/** A length of time of the command line in milliseconds: `3d`, `12h`, `1d12h`. @throws SrvError SRV-100 for anything else */
function spanOf(said: string): number {
  const [, days, hours] = /^(?=\d)(?:(\d{1,5})d)?(?:(\d{1,5})h)?$/.exec(said) ?? []
  if (days === undefined && hours === undefined) {
    throw srvError('SRV-100', { problem: `--older-than ${said} is not a time in days and hours, such as 3d or 12h.` })
  }
  return (Number(days ?? 0) * 24 + Number(hours ?? 0)) * hour
}

/** Asks for the removal of what restores have left, in place of old snapshots. */
export const oldDataFlag = {
  type: 'boolean',
  description: 'Remove what restores left on the hosts: data.before-…, dumps.before-…; no snapshot',
} as const

const flags = {
  'old-data': oldDataFlag,
  'older-than': {
    type: 'string',
    description: `With --old-data: what is that old, 3d or 12h, instead of ${oldAfter}`,
    value: 'time',
    check(said: string | undefined, { 'old-data': isOldData }: SaidFlags): void {
      if (said === undefined) return
      spanOf(said)
      if (isOldData !== true) {
        throw srvError('SRV-100', { problem: '--older-than is about --old-data, which was not given.' })
      }
    },
  },
} as const

type Context = InstanceContext<Options, typeof flags, Settings>

/** What restores have left, oldest first. @throws SrvError SRV-667 where the host cannot tell */
async function leftOn(context: Context): Promise<readonly OldData[]> {
  const { service, host, paths } = context
  const { end, stdout, stderr } = await context.probe`${lines(raw('set -eu'), oldDataScript(paths))}`
  if (end.kind === 'exit' && end.code === 0) return readOldData(stdout, paths.service)
  const output = stderr.split('\n').filter((line) => line !== '')
  const status = end.kind === 'exit' ? `exit status ${String(end.code)}` : endWords(end)
  const where = `${host.name}:${paths.service}`
  const problem = output.at(-1) ?? status
  throw srvError(
    'SRV-667',
    { service: service.name, host: host.name, where, problem },
    { where: { host: host.name }, output },
  )
}

/** @throws SrvError SRV-662 */
async function remove(context: Context, { name, path }: OldData): Promise<void> {
  const { service, host, paths } = context
  try {
    await context.run`${removeOldDataScript(paths, name)}`
  } catch (thrown) {
    if (!isSrvError(thrown)) throw thrown
    const where = `${host.name}:${path}`
    throw srvError(
      'SRV-662',
      { service: service.name, host: host.name, where, id: '', problem: problemOf(thrown), isOldData: true },
      { where: { host: host.name, instance: service.name }, output: thrown.output },
    )
  }
}

/** Removes what restores have left beside the data of a service, once it is old; in a dry run it says how old each is. */
export function oldDataTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Remove what restores left',
    on: 'instance',
    othersGoOn: true,
    applies: speaks,
    flags,
    skip: (context) => (context.flags['old-data'] ? undefined : 'asked for by --old-data alone'),
    async run(context: Context) {
      const { 'older-than': said } = context.flags
      const least = said === undefined ? oldAfterMs : spanOf(said)
      const isOld = ({ ageMs, isCutOff }: OldData): boolean => isCutOff || ageMs >= least
      const found = await leftOn(context)
      for (const one of found) {
        const why = one.isCutOff ? 'its removal was cut off' : ageText(one.ageMs)
        const young = isOld(one) ? '' : `, which is less than ${said ?? oldAfter}`
        context.progress(`${isOld(one) ? 'remove' : 'keep'} ${one.path}: ${why}${young}`)
      }
      const old = found.filter((one) => isOld(one))
      if (found.length === 0) {
        context.progress(`restores have left nothing in ${context.paths.service}`)
        return
      }
      const failed = failures()
      for (const one of old) await failed.note(() => remove(context, one))
      const many = old.length - failed.errors.length
      failed.tell(context, [`removed ${String(many)} of the ${String(found.length)} that restores left`])
      failed.assertNone()
    },
  })
}
