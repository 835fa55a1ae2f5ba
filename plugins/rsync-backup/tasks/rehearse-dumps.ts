import { lines, type Rehearsal } from '../../../src/index.ts'
import { isFile, nameOf, type Dump } from '../dumps/kinds.ts'
import { loadDumpsScript, whyNotLoadable } from '../dumps/load.ts'
import { readyScript } from '../dumps/ready.ts'
import type { Served } from '../dumps/run.ts'
import type { Play } from '../scripts/rehearse.ts'

/** Seconds that loading may take before the host ends a rehearsal whose srv is gone. */
export const loadSeconds = 3600

/** Seconds in which a newly created database has to be ready. */
const firstSeconds = 300

/** The dumps to load into the rehearsal's own, empty databases, and the names of those that stay files. */
export interface RehearsedDumps {
  readonly play: Pick<Play, 'dumps'>
  readonly left: readonly string[]
}

/**
 * What is done with dumps before the release starts: the same as in a restore, for databases that are parts of the release.
 * A database of the host itself is live, and a rehearsal does not touch it.
 */
export function rehearsedDumps(dumps: readonly Dump[], parts: Rehearsal['parts'], folder: string): RehearsedDumps {
  const served = dumps.filter((one): one is Served => !isFile(one))
  const loaded = served.filter(
    (one) => one.in !== undefined && parts !== undefined && whyNotLoadable(one) === undefined,
  )
  const left = served.filter((one) => !loaded.includes(one)).map(nameOf)
  if (parts === undefined || loaded.length === 0) return { play: {}, left }
  const names = [...new Set(loaded.flatMap((one) => one.in ?? []))]
  const inside: typeof parts.inside = (name, words, options) => parts.inside(name, words, options)
  const site = { folder, data: '', inside }
  return {
    play: {
      dumps: {
        begin: parts.begin(names),
        load: lines(readyScript(loaded, inside, firstSeconds), loadDumpsScript(loaded, site)),
      },
    },
    left,
  }
}
