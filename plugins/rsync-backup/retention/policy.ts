import * as z from 'zod'

const amount = 'must be a whole number, 1 or more, or -1 for all'
const count = z.int({ error: amount }).refine((value) => value === -1 || value >= 1, { error: amount })

const span = 'must be a duration such as 2y5m7d3h: years, months, days, hours, each at most once and not all zero'

/** Each unit once: a second mention would silently override the first. */
function isDuration(text: string): boolean {
  if (!/^(\d{1,5}[ymdh])+$/.test(text) || !/[1-9]/.test(text)) return false
  const units = text.replace(/\d/g, '')
  return new Set(units).size === units.length
}

const duration = z.string({ error: span }).refine(isDuration, { error: span })

const rules = {
  /** The newest ones, whenever they were made. */
  last: count.optional(),
  /** The newest of each hour, for as many hours as have one. */
  hourly: count.optional(),
  daily: count.optional(),
  /** Weeks begin on Monday, as in ISO 8601. */
  weekly: count.optional(),
  monthly: count.optional(),
  yearly: count.optional(),
  /** All that were made within this time before the newest one. */
  within: duration.optional(),
  /** The newest of each hour within this time before the newest one. */
  withinHourly: duration.optional(),
  withinDaily: duration.optional(),
  withinWeekly: duration.optional(),
  withinMonthly: duration.optional(),
  withinYearly: duration.optional(),
}

/** What stays of the snapshots of a service: a snapshot that any rule keeps is kept. Times are UTC. */
export const keepSchema = z
  .strictObject({
    ...rules,
    /**
     * `restic`: each rule counts by itself. `borg`: rules run from fine to coarse, and what an earlier rule keeps
     * does not use up the count of a later one, so more is kept.
     */
    semantics: z.enum(['restic', 'borg']).default('restic'),
  })
  .refine(({ semantics: _, ...said }) => Object.values(said).some((limit) => limit !== undefined), {
    error: `is empty, which would keep nothing: set at least one of ${Object.keys(rules).join(', ')}`,
  })

/** A validated policy. */
export type Keep = z.output<typeof keepSchema>
