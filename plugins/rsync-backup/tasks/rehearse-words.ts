import { lines, raw, sh, type InstanceContext, type Scratch, type Script, type SrvError } from '../../../src/index.ts'
import type { Snapshot } from '../snapshot.ts'
import { problemOf } from './context.ts'
import { whatFailed } from './load.ts'

/** What failed in a rehearsal, in words. */
export interface Failed {
  readonly part: string | undefined
  readonly problem: string
  readonly output: readonly string[]
}

const mark = /^srv: failed in (\w+)$/

/** Reads which part failed from the last line of the output; without such a line the command was cut off. */
export function partOf(error: SrvError, release: string): Failed {
  const part = error.output.map((line) => mark.exec(line)?.[1]).findLast((one) => one !== undefined)
  const output = error.output.filter((line) => !mark.test(line))
  const reason = output.find((line) => line.trim() !== '') ?? error.message
  switch (part) {
    case 'release':
      return { part, output, problem: `the release ${release} did not start` }
    case 'dumps':
      return {
        part,
        output,
        problem: whatFailed(output) ?? `the dumps could not be loaded: ${reason.replace(/\.$/, '')}`,
      }
    case 'health':
      return { part, output, problem: `the release ${release} was not healthy: ${reason.replace(/\.$/, '')}` }
    case 'assert':
      return { part, output, problem: 'the assertion did not hold' }
    case 'end':
      return { part, output, problem: `the release ${release} could not be stopped` }
    default:
      return { part, output, problem: problemOf(error) }
  }
}

/** Goes to the data and exports where they are, for an assertion without an app. */
export function enterData(
  { service, instance, host, environment }: Pick<InstanceContext, 'service' | 'instance' | 'host' | 'environment'>,
  { id, release }: Snapshot,
  { folder, data, variables }: Pick<Scratch, 'folder' | 'data' | 'variables'>,
): Script {
  const all = {
    SRV_SERVICE: service.name,
    SRV_INSTANCE: instance.name,
    SRV_HOST: host.name,
    SRV_ENVIRONMENT: environment,
    SRV_DATA: data,
    SRV_DUMPS: `${folder}/${id}/dumps`,
    SRV_RELEASE: release,
    SRV_SNAPSHOT: id,
    SRV_REHEARSAL: '1',
    ...variables,
  }
  return lines(sh`cd ${folder}`, ...Object.entries(all).map(([name, value]) => sh`export ${raw(name)}=${value}`))
}
