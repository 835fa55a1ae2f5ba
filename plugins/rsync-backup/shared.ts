import { isDeepStrictEqual } from 'node:util'
import type { Disagreement, SaidBy, Shared } from '../../src/index.ts'
import type { SaidSettings, Settings } from './options.ts'

type One = SaidBy<SaidSettings, Settings>

/** What is about the data, which all instances of a service have in common. */
type AboutData = Omit<Settings, 'beforeDeploy' | 'rehearsal'>

const aboutData = [
  'consistency',
  'holdSeconds',
  'dumps',
  'dumpSeconds',
  'exclude',
  'allowEmpty',
  'mountpoint',
] as const satisfies readonly (keyof AboutData)[]

function says({ said }: One, key: keyof Settings): boolean {
  return said !== 'before-deploy' && said[key] !== undefined
}

/** Where another instance says something else about the data. */
function disagreements(all: readonly One[]): readonly Disagreement[] {
  return aboutData.flatMap((key) => {
    const [first, ...others] = all.filter((one) => says(one, key))
    if (first === undefined) return []
    return others
      .filter(({ settings }) => !isDeepStrictEqual(settings[key], first.settings[key]))
      .map(({ instance }) => ({
        instance,
        path: [key],
        text: `differs from what the instance ${first.instance} says, and both have the same data: say it in one of them, or the same in both`,
      }))
  })
}

/** A rehearsal starts the first instance: for another one nothing of what is said about it would be done. */
function unusedRehearsals([first, ...others]: readonly One[]): readonly Disagreement[] {
  if (first === undefined) return []
  return others
    .filter((one) => says(one, 'rehearsal') && !isDeepStrictEqual(one.settings.rehearsal, first.settings.rehearsal))
    .map(({ instance }) => ({
      instance,
      path: ['rehearsal'],
      text: `would not be used, because a rehearsal starts the first instance of the service, ${first.instance}: say it there`,
    }))
}

/**
 * Data belongs to a service: what any of its instances says about it counts for all. Whether a deploy makes a snapshot first
 * is each instance's own.
 */
export function shareSettings(all: readonly One[]): Shared<Settings> {
  const found = [...disagreements(all), ...unusedRehearsals(all)]
  if (found.length > 0) return { disagreements: found }
  return {
    settings: all.map((one) => {
      const of = <K extends keyof Settings>(key: K): Settings[K] =>
        (all.find((other) => says(other, key)) ?? one).settings[key]
      const shared: AboutData = {
        consistency: of('consistency'),
        holdSeconds: of('holdSeconds'),
        dumps: of('dumps'),
        dumpSeconds: of('dumpSeconds'),
        exclude: of('exclude'),
        allowEmpty: of('allowEmpty'),
        mountpoint: of('mountpoint'),
      }
      return { ...one.settings, ...shared }
    }),
  }
}
