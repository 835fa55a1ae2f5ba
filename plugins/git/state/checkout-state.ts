import type { InstanceState, Release } from '../../../src/index.ts'
import type { CheckoutDetails, CheckoutFacts } from './checkout-facts.ts'
import type { ReleaseRecord } from './facts.ts'
import { releaseOf, releasesOf } from './state.ts'

function short(commit: string): string {
  return commit.slice(0, 7)
}

/** The record of what serves: the last release that srv deployed, if that is what is checked out. */
function servingRecord({ details, records, history }: CheckoutFacts): ReleaseRecord | undefined {
  const last = history.at(-1)?.id
  const record = records.find(({ id }) => id === last)
  return record?.commit === details.head ? record : undefined
}

/** A commit that srv did not deploy is named after its own time, so that it sorts before later releases and has the same id on all hosts. */
function adoptedRelease({ details: { head }, headTime, headSubject }: CheckoutFacts): Release | undefined {
  if (head === undefined) return undefined
  return { id: `${headTime}-${short(head)}`, commit: head, ...(headSubject === '' ? {} : { subject: headSubject }) }
}

function changed(changes: readonly string[]): string {
  const more = changes.length > 5 ? ` and ${String(changes.length - 5)} more` : ''
  return `not committed: ${changes.slice(0, 5).join(', ')}${more}`
}

/** How the host differs from what srv recorded, a line each. */
function driftOf(facts: CheckoutFacts, serving: ReleaseRecord | undefined): readonly string[] {
  const { details, history, finished } = facts
  const { place, problem, head, branch, changes, operation, moving } = details
  const last = history.at(-1)
  if (place === 'other') return [problem ?? 'the folder is not a checkout']
  if (place === 'missing') return last === undefined ? [] : [`the checkout is gone: the last release was ${last.id}`]
  if (moving) return ['a run was killed while it was moving the checkout']
  const drift: string[] = []
  if (serving === undefined && last !== undefined) {
    drift.push(`HEAD was moved by hand to ${head === undefined ? 'nothing' : short(head)}: srv had deployed ${last.id}`)
  }
  if (last?.branch !== undefined && last.branch !== (branch ?? '')) {
    const now = branch === undefined ? 'no branch is checked out' : `the branch ${branch} is checked out`
    drift.push(`${now}, where ${last.branch === '' ? 'there was none' : `${last.branch} was`}`)
  }
  if (operation !== undefined) drift.push(`somebody is in the middle of a ${operation}`)
  if (changes.length > 0) drift.push(changed(changes))
  if (serving !== undefined && serving.adopted !== true && finished !== serving.id) {
    drift.push(`the run that deployed ${serving.id} did not finish`)
  }
  return drift
}

/**
 * The state of an instance whose folder is the checkout. What is checked out serves, whoever put it there; its digest is
 * reported only when srv did and nothing differs.
 */
export function checkoutState(facts: CheckoutFacts, directory: string): Partial<InstanceState> {
  const { history, details } = facts
  const serving = servingRecord(facts)
  const release = serving === undefined ? adoptedRelease(facts) : releaseOf(serving, history)
  const drift = driftOf(facts, serving)
  const known = releasesOf(facts, release?.id)
  const isKnown = release === undefined || known.some(({ id }) => id === release.id)
  const own: CheckoutDetails = { ...details, adopted: release !== undefined && serving === undefined }
  return {
    releases: isKnown ? known : [...known, release].sort((left, right) => (left.id < right.id ? 1 : -1)),
    drift,
    directory,
    details: own,
    ...(release === undefined ? {} : { release }),
    ...(serving?.digest !== undefined && drift.length === 0 ? { digest: serving.digest } : {}),
  }
}
