import { describe, expect, test } from 'vitest'
import type { Keep } from '../../../plugins/rsync-backup/retention/policy.ts'
import { expected, idOf, isoWeek, time } from './retention-oracle.ts'
import { hosts, kept, retain } from './retention-run.ts'

const day = 864e5

function daily(from: string, to: string, step = day): readonly string[] {
  const ids: string[] = []
  for (let at = time(from).getTime(); at <= time(to).getTime(); at += step) ids.push(idOf(new Date(at)))
  return ids
}

/** Dense, sparse, several in an hour, none for months: nothing about it is regular. */
const irregular = [
  ...daily('20140801T102030Z', '20140822T102030Z', 3 * day),
  ...daily('20141001T102030Z', '20141022T102030Z', 2 * day),
  ...daily('20150905T235959Z', '20151122T235959Z', 9 * day),
  ...daily('20151228T000000Z', '20160105T000000Z', day / 4),
  ...['20160106T080203Z', '20160107T100203Z', '20160107T100204Z', '20160107T105959Z', '20160107T110000Z'],
  ...['20160108T200203Z', '20160112T210203Z', '20160112T210803Z', '20160118T120203Z'],
]

/** The policies by which restic tests itself, and as many again for what they leave out. */
const policies: readonly Partial<Keep>[] = [
  { last: 10 },
  { last: 15 },
  { last: 99 },
  { last: 200 },
  { hourly: 20 },
  { daily: 3 },
  { daily: 10 },
  { daily: 30 },
  { last: 5, daily: 5 },
  { last: 2, daily: 10 },
  { weekly: 2 },
  { weekly: 4 },
  { daily: 3, weekly: 4 },
  { monthly: 6 },
  { daily: 2, weekly: 2, monthly: 6 },
  { yearly: 10 },
  { daily: 7, weekly: 2, monthly: 3, yearly: 10 },
  { within: '1d' },
  { within: '2d' },
  { within: '7d' },
  { within: '1m' },
  { within: '1m14d' },
  { within: '1y1d1m' },
  { within: '13d23h' },
  { within: '2m2h' },
  { within: '1y2m3d3h' },
  { withinHourly: '1y2m3d3h' },
  { withinDaily: '1y2m3d3h' },
  { withinWeekly: '1y2m3d3h' },
  { withinMonthly: '1y2m3d3h' },
  { withinYearly: '1y2m3d3h' },
  { withinYearly: '1y' },
  {
    within: '1h',
    withinHourly: '1d',
    withinDaily: '7d',
    withinWeekly: '1m',
    withinMonthly: '1y',
    withinYearly: '9999y',
  },
  { last: -1 },
  { last: -1, hourly: -1 },
  { hourly: -1 },
  { daily: -1 },
  { weekly: -1 },
  { yearly: -1 },
  { daily: 3, weekly: 2, monthly: -1, yearly: -1 },
  { last: 1, within: '99999h' },
  { hourly: 2, withinHourly: '5d', yearly: 1 },
]

describe.each(hosts)('$name', (host) => {
  test.each(['restic', 'borg'] as const)('the rules of %s over irregular snapshots', async (semantics) => {
    const cases = policies.map((policy) => ({ policy: { ...policy, semantics }, snapshots: irregular }))
    expect(await retain(host, cases)).toEqual(cases.map(({ policy, snapshots }) => expected(policy, snapshots)))
  })

  test("the example in restic's manual: twelve Sundays, four days", async () => {
    const sundays = daily('20190901T110000Z', '20191117T110000Z', 7 * day)
    expect(await retain(host, [{ policy: { daily: 4 }, snapshots: sundays }])).toEqual([
      [
        'keep 20191117T110000Z daily, the last good one',
        'keep 20191110T110000Z daily',
        'keep 20191103T110000Z daily',
        'keep 20191027T110000Z daily',
        'remove 20191020T110000Z',
        'remove 20191013T110000Z',
        'remove 20191006T110000Z',
        'remove 20190929T110000Z',
        'remove 20190922T110000Z',
        'remove 20190915T110000Z',
        'remove 20190908T110000Z',
        'remove 20190901T110000Z',
      ],
    ])
  })

  test("the other example in restic's manual: one a day for many years", async () => {
    const years = daily('20140101T030000Z', '20251231T030000Z')
    const policy = { daily: 7, weekly: 5, monthly: 12, yearly: 10 }
    const [answer = []] = await retain(host, [{ policy, snapshots: years }])
    const counts = Object.keys(policy).map((rule) => {
      return answer.filter((line) => new RegExp(`[ ,] ?${rule}\\b`).test(line)).length
    })
    expect(answer).toHaveLength(years.length)
    expect(counts).toEqual([7, 5, 12, 10])
    // 31 December is the last of its day, week, month and year, and 28 December of its day and week.
    expect(kept(answer)).toHaveLength(7 + 3 + 11 + 9)
  })

  test("the example in Borg's manual: a year, but for one day", async () => {
    const year = daily('20150101T120000Z', '20151231T120000Z').filter((id) => !id.startsWith('20151219'))
    const policy = { daily: 14, monthly: 6, yearly: 1, semantics: 'borg' } as const
    const [answer = []] = await retain(host, [{ policy, snapshots: year }])
    const dates = (rule: string): readonly string[] =>
      answer.filter((line) => line.includes(`Z ${rule}`)).map((line) => line.slice(9, 13))
    expect(dates('daily')).toEqual('1231 1230 1229 1228 1227 1226 1225 1224 1223 1222 1221 1220 1218 1217'.split(' '))
    expect(dates('monthly')).toEqual('1130 1031 0930 0831 0731 0630'.split(' '))
    expect(answer.at(-1)).toBe('keep 20150101T120000Z yearly (oldest)')
    expect(kept(answer)).toHaveLength(14 + 6 + 1)
  })

  test('what an earlier rule keeps uses up the count of a later one with restic, and not with Borg', async () => {
    const snapshots = daily('20210104T120000Z', '20210124T120000Z')
    const policy = { last: 2, weekly: 2 }
    const [restic = [], borg = []] = await retain(host, [
      { policy, snapshots },
      { policy: { ...policy, semantics: 'borg' }, snapshots },
    ])
    expect(restic.filter((line) => line.startsWith('keep'))).toEqual([
      'keep 20210124T120000Z last, weekly, the last good one',
      'keep 20210123T120000Z last',
      'keep 20210117T120000Z weekly',
    ])
    expect(borg.filter((line) => line.startsWith('keep'))).toEqual([
      'keep 20210124T120000Z last, the last good one',
      'keep 20210123T120000Z last',
      'keep 20210117T120000Z weekly',
      'keep 20210110T120000Z weekly',
    ])
  })

  test('the oldest one is kept by each rule with a count left, with Borg by the coarsest only', async () => {
    const snapshots = daily('20210301T000000Z', '20210301T050000Z', 36e5)
    const policy = { daily: 2, monthly: 1 }
    expect(
      await retain(host, [
        { policy, snapshots },
        { policy: { ...policy, semantics: 'borg' }, snapshots },
        { policy: { daily: 1 }, snapshots },
        { policy: { daily: -1 }, snapshots },
        { policy: { withinDaily: '1d' }, snapshots },
        { policy: { withinDaily: '5h' }, snapshots },
      ]).then((answers) => answers.map((answer) => answer.filter((line) => line.startsWith('keep')))),
    ).toEqual([
      ['keep 20210301T050000Z daily, monthly, the last good one', 'keep 20210301T000000Z daily (oldest)'],
      ['keep 20210301T050000Z daily, the last good one', 'keep 20210301T000000Z monthly (oldest)'],
      ['keep 20210301T050000Z daily, the last good one'],
      ['keep 20210301T050000Z daily, the last good one', 'keep 20210301T000000Z daily (oldest)'],
      ['keep 20210301T050000Z daily within 1d, the last good one', 'keep 20210301T000000Z daily within 1d (oldest)'],
      ['keep 20210301T050000Z daily within 5h, the last good one'],
    ])
  })

  test('weeks begin on Monday and may begin in the old year', async () => {
    const turns = [
      ['20201228T000000Z', '20210103T235959Z'],
      ['20210104T000000Z', '20210110T235959Z'],
      ['20241230T000000Z', '20250105T235959Z'],
      ['20270104T000000Z', '20270110T235959Z'],
    ] as const
    const snapshots = turns
      .flatMap(([from, to]) => [from, ...daily(from, to), to])
      .filter((id, at, all) => all.indexOf(id) === at)
    const [answer = []] = await retain(host, [{ policy: { weekly: 4 }, snapshots }])
    expect(kept(answer)).toEqual(turns.map(([, to]) => to).reverse())
    expect(turns.flat().map((id) => isoWeek(time(id)))).toEqual(
      ['2020-W53', '2021-W1', '2025-W1', '2027-W1'].flatMap((week) => [week, week]),
    )
  })

  test('29 February, and months that are shorter than the one before', async () => {
    const within = async (snapshots: readonly string[], duration: string) =>
      kept((await retain(host, [{ policy: { within: duration }, snapshots }]))[0] ?? [])
    // 31 March less a month is 31 February: the second of March in a leap year, otherwise the third.
    expect(await within(['20240331T120000Z', '20240302T120001Z', '20240302T120000Z'], '1m')).toHaveLength(2)
    expect(await within(['20230331T120000Z', '20230303T120001Z', '20230303T120000Z'], '1m')).toHaveLength(2)
    expect(await within(['20240301T000000Z', '20240228T230001Z', '20240228T230000Z'], '1d1h')).toHaveLength(2)
    expect(await within(['20240229T000000Z', '20230301T000001Z', '20230301T000000Z'], '1y')).toHaveLength(2)
    expect(await within(['21000301T000000Z', '21000228T000001Z', '21000228T000000Z'], '1d')).toHaveLength(2)
    expect(await within(['20000301T000000Z', '20000229T000001Z', '20000229T000000Z'], '24h')).toHaveLength(2)
  })
})
