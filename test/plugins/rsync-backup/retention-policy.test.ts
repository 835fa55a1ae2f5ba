import { expect, test } from 'vitest'
import { keepSchema } from '../../../plugins/rsync-backup/retention/policy.ts'

const amount = 'must be a whole number, 1 or more, or -1 for all'
const duration = 'must be a duration such as 2y5m7d3h: years, months, days, hours, each at most once and not all zero'
const nothing =
  'is empty, which would keep nothing: set at least one of last, hourly, daily, weekly, monthly, yearly, within, withinHourly, withinDaily, withinWeekly, withinMonthly, withinYearly'

test.each([
  [{ last: 1 }],
  [{ hourly: 24, daily: 7, weekly: 4, monthly: 12, yearly: -1 }],
  [{ within: '2y5m7d3h' }],
  [{ within: '3h7d5m2y', withinHourly: '99999h', withinDaily: '0y7d' }],
  [{ withinWeekly: '1m', withinMonthly: '1y', withinYearly: '75y', semantics: 'borg' as const }],
])('%j is a policy', (policy) => {
  expect(keepSchema.parse(policy)).toEqual({ semantics: 'restic', ...policy })
})

test.each([
  [{}, nothing],
  [{ semantics: 'borg' }, nothing],
  [{ last: undefined }, nothing],
  [{ last: 0 }, amount],
  [{ daily: -2 }, amount],
  [{ daily: 1.5 }, amount],
  [{ daily: '7' }, amount],
  [{ yearly: Infinity }, amount],
  [{ within: '' }, duration],
  [{ within: '2w' }, duration],
  [{ within: '2' }, duration],
  [{ within: 'd' }, duration],
  [{ within: '-2d' }, duration],
  [{ within: '1d1d' }, duration],
  [{ within: '0d0h' }, duration],
  [{ within: '100000d' }, duration],
  [{ within: '1d ' }, duration],
  [{ within: "1d' x" }, duration],
  [{ within: 2 }, duration],
  [{ last: 1, forever: true }, 'Unrecognized key: "forever"'],
  [{ last: 1, semantics: 'tower' }, 'Invalid option: expected one of "restic"|"borg"'],
])('%j is none', (policy, message) => {
  const { error } = keepSchema.safeParse(policy)
  expect(error?.issues.map((issue) => issue.message)).toEqual([message])
})
