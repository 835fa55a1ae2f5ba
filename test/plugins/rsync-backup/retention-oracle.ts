import type { Keep } from '../../../plugins/rsync-backup/retention/policy.ts'

/*
 * The published rules of `restic forget` and `borg prune` once more, by other means than the program that is tested:
 * dates by JavaScript's own calendar, periods as groups instead of one pass with counters.
 */

const names = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const
type Name = (typeof names)[number] | 'last'

/** The time that an id says. */
export function time(id: string): Date {
  return new Date(id.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}

/** The id of a time. */
export function idOf(date: Date): string {
  return date.toISOString().replace(/\.\d+|[-:]/g, '')
}

/** Year and number of the ISO week: the week belongs to the year in which its Thursday lies. */
export function isoWeek(date: Date): string {
  const thursday = new Date(date)
  thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7))
  const dayOfYear =
    (Date.parse(`${thursday.toISOString().slice(0, 10)}Z`) - Date.UTC(thursday.getUTCFullYear(), 0)) / 864e5
  return `${thursday.getUTCFullYear()}-W${1 + Math.floor(dayOfYear / 7)}`
}

function periodOf(name: Name, id: string): string {
  const date = time(id).toISOString()
  switch (name) {
    case 'last':
      return id
    case 'hourly':
      return date.slice(0, 13)
    case 'daily':
      return date.slice(0, 10)
    case 'weekly':
      return isoWeek(time(id))
    case 'monthly':
      return date.slice(0, 7)
    case 'yearly':
      return date.slice(0, 4)
  }
}

function before(id: string, duration: string): number {
  const part = (unit: string): number => Number(new RegExp(`(\\d+)${unit}`).exec(duration)?.[1] ?? 0)
  const from = time(id)
  return Date.UTC(
    from.getUTCFullYear() - part('y'),
    from.getUTCMonth() - part('m'),
    from.getUTCDate() - part('d'),
    from.getUTCHours() - part('h'),
    from.getUTCMinutes(),
    from.getUTCSeconds(),
  )
}

interface Rule {
  readonly name: Name
  readonly limit: number | string
}

function rulesOf(policy: Partial<Keep>): readonly Rule[] {
  const found: (Rule | undefined)[] = [
    policy.within === undefined ? undefined : { name: 'last', limit: policy.within },
    policy.last === undefined ? undefined : { name: 'last', limit: policy.last },
    ...names.flatMap((name) => {
      const within = {
        hourly: policy.withinHourly,
        daily: policy.withinDaily,
        weekly: policy.withinWeekly,
        monthly: policy.withinMonthly,
        yearly: policy.withinYearly,
      }[name]
      const count = policy[name]
      return [
        within === undefined ? undefined : { name, limit: within },
        count === undefined ? undefined : { name, limit: count },
      ]
    }),
  ]
  return found.filter((rule) => rule !== undefined)
}

/** What one rule keeps of snapshots, newest first: the newest of each period, then the oldest of all. */
function keptBy(
  { name, limit }: Rule,
  all: readonly string[],
  newest: string | undefined,
  taken: ReadonlySet<string>,
  mindsOldest: boolean,
) {
  const inReach = all.filter(
    (id) => typeof limit === 'number' || (newest !== undefined && time(id).getTime() > before(newest, limit)),
  )
  const firsts = inReach.filter((id, at) => at === 0 || periodOf(name, id) !== periodOf(name, inReach[at - 1]!))
  const most = typeof limit === 'number' && limit !== -1 ? limit : Infinity
  const kept = firsts.filter((id) => !taken.has(id)).slice(0, most)
  const oldest = all.at(-1)
  const keepsOldest =
    mindsOldest &&
    oldest !== undefined &&
    inReach.includes(oldest) &&
    !firsts.includes(oldest) &&
    !taken.has(oldest) &&
    kept.length < most
  return { kept, oldest: keepsOldest ? oldest : undefined }
}

/**
 * What `retain` should say of good snapshots of which none is pinned or in the future; `newest` is what durations are
 * counted from, when that one is pinned.
 */
export function expected(policy: Partial<Keep>, snapshots: readonly string[], newest?: string): readonly string[] {
  const all = [...snapshots].sort().reverse()
  const borg = policy.semantics === 'borg'
  const reasons = new Map<string, string[]>(all.map((id) => [id, []]))
  const taken = new Set<string>()
  const rules = rulesOf(policy)
  rules.forEach((rule, at) => {
    const { kept, oldest } = keptBy(rule, all, newest ?? all[0], taken, !borg || at === rules.length - 1)
    const within = rule.name === 'last' ? `within ${rule.limit}` : `${rule.name} within ${rule.limit}`
    const label = typeof rule.limit === 'string' ? within : rule.name
    for (const id of kept) reasons.get(id)?.push(label)
    if (oldest !== undefined) reasons.get(oldest)?.push(`${label} (oldest)`)
    if (borg) for (const id of [...kept, ...(oldest === undefined ? [] : [oldest])]) taken.add(id)
  })
  if (all[0] !== undefined) reasons.get(all[0])?.push('the last good one')
  return all.map((id) => {
    const why = reasons.get(id) ?? []
    return why.length === 0 ? `remove ${id}` : `keep ${id} ${why.join(', ')}`
  })
}
