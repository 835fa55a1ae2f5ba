import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Keep } from '../../../plugins/rsync-backup/retention/policy.ts'
import { expected, idOf } from './retention-oracle.ts'
import { hosts, kept, retain, type Case } from './retention-run.ts'

/** Times near the turn of a year or the end of a February, minutes or days apart, and some anywhere. */
const id = fc
  .oneof(
    fc
      .record({
        near: fc.constantFrom('2020-12-31', '2021-01-03', '2024-02-29', '2024-12-30', '2025-03-31'),
        hours: fc.integer({ min: -200, max: 200 }),
        seconds: fc.constantFrom(0, 1, 1800, 3599),
      })
      .map(({ near, hours, seconds }) => Date.parse(near) + hours * 36e5 + seconds * 1000),
    fc.integer({ min: Date.UTC(2019, 0) / 1000, max: Date.UTC(2026, 0) / 1000 }).map((seconds) => seconds * 1000),
  )
  .map((milliseconds) => idOf(new Date(milliseconds)))

const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 25 })

const count = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 6 }) },
  { weight: 1, arbitrary: fc.constant(-1) },
)
const duration = fc.constantFrom('1h', '1d', '2d3h', '7d', '1m', '1m14d', '1y', '2y5m7d3h', '99y')
const semantics = fc.constantFrom('restic', 'borg')

const policy = fc
  .record(
    {
      last: count,
      hourly: count,
      daily: count,
      weekly: count,
      monthly: count,
      yearly: count,
      within: duration,
      withinHourly: duration,
      withinDaily: duration,
      withinWeekly: duration,
      withinMonthly: duration,
      withinYearly: duration,
    },
    { requiredKeys: [] },
  )
  .filter((rules) => Object.keys(rules).length > 0)
  .chain((rules) => semantics.map((which): Partial<Keep> => ({ ...rules, semantics: which })))

const line = fc.record({
  state: fc.constantFrom('good', 'good', 'good', 'suspect'),
  pinned: fc.constantFrom('no', 'no', 'no', 'yes'),
})

/** Snapshots of every state, some of them later than `now`. */
const mixed: fc.Arbitrary<Case> = fc
  .record({ policy, ids, lines: fc.array(line, { minLength: 25, maxLength: 25 }), now: id })
  .map(({ lines, ids: all, ...more }) => {
    return { ...more, snapshots: all.map((one, at) => `${one} ${lines[at]!.state} ${lines[at]!.pinned}`) }
  })

const plain: fc.Arbitrary<Case> = fc.record({ policy, snapshots: ids })

/** Many cases for one process, so that a property costs a few of them. To make a failing one smaller takes longer than a test may. */
async function holds<T>(of: fc.Arbitrary<T>, check: (cases: readonly T[]) => Promise<void>): Promise<void> {
  const many = fc.array(of, { minLength: 1, maxLength: 60, size: 'max' })
  await fc.assert(fc.asyncProperty(many, check), { numRuns: 5, endOnFailure: true })
}

const parts = (snapshot: string): readonly string[] => snapshot.split(' ')
const isGood = (snapshot: string): boolean => parts(snapshot)[1] === 'good'
const isPinned = (snapshot: string): boolean => parts(snapshot)[2] === 'yes'

describe.each(hosts)('$name', { timeout: 180_000 }, (host) => {
  test('what is said is what the published rules say', () =>
    holds(plain, async (cases) => {
      expect(await retain(host, cases)).toEqual(cases.map((one) => expected(one.policy, one.snapshots)))
    }))

  test('the order of the snapshots does not matter', () =>
    holds(fc.tuple(mixed, fc.infiniteStream(fc.nat())), async (cases) => {
      const asked = cases.map(([one]) => one)
      const shuffled = cases.map(([one, stream]) => {
        const keys = new Map(one.snapshots.map((snapshot) => [snapshot, stream.next().value]))
        const snapshots = [...one.snapshots].sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0))
        return { ...one, snapshots }
      })
      expect(await retain(host, shuffled)).toEqual(await retain(host, asked))
    }))

  test('what must never go stays, and the others are judged as if they were alone', () =>
    holds(mixed, async (cases) => {
      const answers = await retain(host, cases)
      cases.forEach(({ policy: rules, snapshots, now = '' }, at) => {
        const all = [...snapshots].sort().reverse()
        const past = all.filter((snapshot) => (parts(snapshot)[0] ?? '') <= now)
        const good = past.filter(isGood).filter((one) => rules.semantics === 'restic' || !isPinned(one))
        const lastGood = past.find(isGood)
        const byRules = kept(
          expected(
            rules,
            good.map((one) => parts(one)[0] ?? ''),
            lastGood === undefined ? undefined : parts(lastGood)[0],
          ),
        )
        const stays = all.filter((one) => {
          const judged = isGood(one) ? byRules.includes(parts(one)[0] ?? '') : lastGood === undefined || one > lastGood
          return judged || one === lastGood || isPinned(one) || !past.includes(one)
        })
        expect(kept(answers[at]!)).toEqual(stays.map((one) => parts(one)[0]))
        expect(stays.length).toBeGreaterThan(0)
        expect(answers[at]!.map((said) => parts(said)[1])).toEqual(all.map((one) => parts(one)[0]))
      })
    }))

  test('a higher count never removes more', () => {
    const names = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const
    const raised = fc.record({
      one: mixed,
      name: fc.constantFrom(...names),
      from: fc.integer({ min: 1, max: 6 }),
      to: fc.oneof(fc.integer({ min: 7, max: 9 }), fc.constant(-1)),
    })
    return holds(raised, async (cases) => {
      const withCount = (which: 'from' | 'to'): readonly Case[] =>
        cases.map((each) => ({ ...each.one, policy: { ...each.one.policy, [each.name]: each[which] } }))
      const fewer = await retain(host, withCount('from'))
      const more = await retain(host, withCount('to'))
      fewer.forEach((answer, at) => expect(kept(more[at]!)).toEqual(expect.arrayContaining([...kept(answer)])))
    })
  })

  test('with restic, a further rule never removes more', () =>
    holds(fc.tuple(mixed, policy), async (cases) => {
      const alone = cases.map(([one]): Case => ({ ...one, policy: { ...one.policy, semantics: 'restic' } }))
      const both = cases.map(([one, more]): Case => {
        return { ...one, policy: { ...more, ...one.policy, semantics: 'restic' } }
      })
      const fewer = await retain(host, alone)
      const more = await retain(host, both)
      fewer.forEach((answer, at) => expect(kept(more[at]!)).toEqual(expect.arrayContaining([...kept(answer)])))
    }))

  test('with restic, what was kept is kept again', () =>
    holds(mixed, async (cases) => {
      const once = cases.map((one): Case => ({ ...one, policy: { ...one.policy, semantics: 'restic' } }))
      const first = await retain(host, once)
      const left = once.map((one, at): Case => {
        return { ...one, snapshots: one.snapshots.filter((each) => kept(first[at]!).includes(parts(each)[0] ?? '')) }
      })
      const second = await retain(host, left)
      expect(second.map(kept)).toEqual(first.map(kept))
    }))
})
