import type { OldDataFacts } from '../../src/index.ts'

/** What a restore has left beside the data of a service, by the clock of its host. */
export interface OldData extends OldDataFacts {
  /** In the folder of the service. */
  readonly name: string
  /** Milliseconds since then; never less than 0. */
  readonly ageMs: number
}

/** No other name is one that a restore gives, and no other is ever removed. */
const named = /^(\.trash-)?(?:data\.before-(\d{8}T\d{6}Z-[0-9a-f]+)(?:\.made)?|dumps\.before-(\d{8}T\d{6}Z-[0-9a-f]+))$/

/** The time in the id of a run, in milliseconds since 1970; `NaN` where it is none. */
function timeOf(run: string): number {
  return Date.parse(run.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z.*$/, '$1-$2-$3T$4:$5:$6Z'))
}

/**
 * Reads what `oldDataScript` printed of a folder, oldest first. It counts as old from when its run began, or from when the
 * folder itself last changed, as by its rename, whichever is later: the first is by the clock of another machine.
 */
export function readOldData(stdout: string, service: string): readonly OldData[] {
  const now = Number(/^now (\d+)$/m.exec(stdout)?.[1]) * 1000
  return [...stdout.matchAll(/^old (\d+) (\S+)$/gm)]
    .flatMap(([, changed, name = '']): OldData[] => {
      const found = named.exec(name)
      const began = timeOf(found?.[2] ?? found?.[3] ?? '')
      if (found === null || Number.isNaN(began)) return []
      const since = Math.max(began, Number(changed) * 1000)
      return [
        {
          name,
          path: `${service}/${name}`,
          since: new Date(since).toISOString(),
          isCutOff: found[1] !== undefined,
          ageMs: Math.max(0, now - since),
        },
      ]
    })
    .toSorted((left, right) => right.ageMs - left.ageMs)
}
