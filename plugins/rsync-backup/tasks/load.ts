import { lines, raw, sh, type InstanceContext, type Script } from '../../../src/index.ts'
import type { Dump } from '../dumps/kinds.ts'
import { loadDumpsScript } from '../dumps/load.ts'
import { readyScript } from '../dumps/ready.ts'
import { dumpsScript } from '../dumps/script.ts'
import { isFile, nameOf } from '../dumps/kinds.ts'
import { stagingOf } from '../scripts/restore.ts'

/** What texts that load dumps need of a task's context. */
export type Loading = Pick<InstanceContext, 'paths' | 'runId' | 'hold' | 'wake' | 'inside'>

/** What is done about databases around the swap of the files, while the service is stopped; each may be nothing. */
interface LoadTexts {
  /** Keeps what the databases hold now. */
  readonly before: Script
  /** Puts the dumps in its place. */
  readonly load: Script
  /** Puts back what was kept, if it was replaced. */
  readonly back: Script
}

/** The output of a database comes after the line that names it: `loading db failed with exit status 3:`. */
export function whatFailed(output: readonly string[]): string | undefined {
  return output.find((line) => /^(loading|the dump) .*:$/.test(line))?.slice(0, -1)
}

/** Where the previous contents of databases are kept: next to the previous data. */
export function keptIn({ paths, runId }: Loading): string {
  return `${paths.service}/dumps.before-${runId}`
}

/** The file that says that databases have, or may have, been changed. */
export function markOf(context: Loading): string {
  return `${keptIn(context)}/.replaced`
}

/** Loads the dumps of databases that are files into the data of what was brought to a folder: no service has to be down for that. */
export function loadFilesText(
  context: Pick<Loading, 'inside'>,
  dumps: readonly Dump[],
  folder: string,
): Script | undefined {
  const files = dumps.filter(isFile)
  if (files.length === 0) return undefined
  const inside: Loading['inside'] = (name, words, options) => context.inside(name, words, options)
  return loadDumpsScript(files, { folder: `${folder}/dumps`, data: `${folder}/data`, inside })
}

/** Why what the databases hold now was not kept: nothing is replaced then. */
export function whyNotKept(output: readonly string[]): string | undefined {
  const failed = whatFailed(output)
  return failed?.startsWith('the dump ') === true ? failed : undefined
}

/**
 * Texts for the databases that are servers. Those in containers of the service are woken for it and held again, because
 * their files may be among the data that change places. What they hold is not kept where the command line says so: then it
 * cannot be put back either, and that is told.
 *
 * @throws SrvError SRV-651 for a dump that srv cannot load, SRV-650 for one that is of no container
 */
export function loadTexts(context: Loading, dumps: readonly Dump[], keepsOld = true): LoadTexts {
  const served = dumps.filter((one) => !isFile(one))
  const nothing = raw(':')
  if (served.length === 0) return { before: nothing, load: nothing, back: nothing }
  const { paths, runId, inside } = context
  const names = [...new Set(served.flatMap((one) => ('in' in one && one.in !== undefined ? [one.in] : [])))]
  const site = { data: paths.data, inside }
  const kept = keptIn(context)
  const ready = lines(names.length === 0 ? nothing : context.wake(names), readyScript(served, inside))
  const marked = markOf(context)
  const lost = `What ${served.map(nameOf).join(', ')} held before was not kept (--without-old-dumps), and cannot be put back: it holds what the snapshot has, or a part of it`
  const putBack = lines(ready, loadDumpsScript(served, { ...site, folder: kept }, true))
  return {
    before: keepsOld
      ? lines(
          ready,
          dumpsScript(served, { ...site, folder: kept }, true),
          names.length === 0 ? nothing : context.hold('stop'),
        )
      : sh`(umask 077 && mkdir ${kept})`,
    load: lines(
      ready,
      // On disk before a database on another one is replaced.
      sh`: >${marked}; sync ${kept} ${marked} 2>/dev/null || sync`,
      loadDumpsScript(served, { ...site, folder: `${stagingOf(paths, runId)}/dumps` }),
    ),
    back: lines(
      sh`if [ -e ${marked} ]; then`,
      keepsOld ? putBack : sh`printf '%s\n' ${lost} >&2`,
      sh`rm -f ${marked}`,
      raw('fi'),
    ),
  }
}
