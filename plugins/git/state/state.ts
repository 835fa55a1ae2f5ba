import type { InstanceState, Release } from '../../../src/index.ts'
import type { Facts, ReleaseRecord, Switched } from './facts.ts'
import type { NewestKnown } from './known-ids.ts'

function lastSwitch(history: readonly Switched[], id: string): Switched | undefined {
  return history.findLast((one) => one.id === id)
}

function present(key: string, value: string | undefined): Readonly<Record<string, string>> {
  return value === undefined || value === '' ? {} : { [key]: value }
}

/** A record as core sees it, with the time of its last switch: a rollback goes to what has one. */
export function releaseOf(record: ReleaseRecord, history: readonly Switched[]): Release {
  const switched = lastSwitch(history, record.id)
  return {
    id: record.id,
    ...present('commit', record.commit),
    ...present('ref', record.ref),
    ...present('subject', record.subject),
    ...present('since', switched?.at),
    ...present('by', switched?.by ?? record.by),
  }
}

/**
 * All releases, newest first. One whose run failed or was killed after the switch, and that no longer serves, counts as never
 * having served: hosts that this run did not reach have never had it, so not all of them could roll back to it.
 */
export function releasesOf(
  { records, history }: Pick<Facts, 'records' | 'history'>,
  serving: string | undefined,
): readonly Release[] {
  // A pipeline of the config may leave out git:record: then it is unknown which runs have finished.
  const isKnown = records.some(({ whole }) => whole === true)
  return records.map((record) => {
    const { since, ...release } = releaseOf(record, history)
    const counts = !isKnown || record.whole === true || record.adopted === true || record.id === serving
    return counts && since !== undefined ? { ...release, since } : release
  })
}

/** How the host differs from what srv recorded, a line each. */
function driftOf(facts: Facts, serving: string | undefined, record: ReleaseRecord | undefined): readonly string[] {
  const { current, revision, finished, history } = facts
  if (facts.folder) return ['current is a folder, not a link']
  if (current === undefined || serving === undefined) {
    return history.length > 0 ? [`current is gone: the last release was ${history.at(-1)?.id ?? ''}`] : []
  }
  if (facts.dangling) return [`current points to ${current}, which does not exist`]
  if (record === undefined) return [`current points to ${current}, which srv did not create`]
  const last = history.at(-1)?.id
  const drift: string[] = []
  if (record.commit !== undefined && revision !== record.commit) {
    drift.push(`REVISION says ${revision ?? 'nothing'}, but ${serving} is the commit ${record.commit}`)
  }
  if (last !== undefined && last !== serving) drift.push(`current was switched by hand: srv had deployed ${last}`)
  else if (finished !== serving) drift.push(`the run that deployed ${serving} did not finish`)
  return drift
}

/**
 * The state of an instance from the facts of its host. The digest is reported only for a release whose run has finished,
 * so that after a killed run a deploy never finds nothing to do.
 */
export function stateOf(facts: Facts, directory: string): Partial<InstanceState> {
  const { current, history, records } = facts
  const serving = current?.replace(/\/+$/, '').split('/').at(-1)
  const record = current === `releases/${serving ?? ''}` ? records.find(({ id }) => id === serving) : undefined
  const releases = releasesOf(facts, serving)
  const release = record === undefined ? serving : releaseOf(record, history)
  const drift = driftOf(facts, serving, record)
  const whole = record !== undefined && drift.length === 0
  const known: NewestKnown = { newest: records[0]?.id }
  return {
    releases,
    drift,
    directory,
    ...(known.newest === undefined ? {} : { details: known }),
    ...(release === undefined ? {} : { release: typeof release === 'string' ? { id: release } : release }),
    ...(whole && record.digest !== undefined ? { digest: record.digest } : {}),
  }
}
