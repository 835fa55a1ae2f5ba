const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/** `03:00` for systemd: every day at that time. Anything else is its own expression already. */
export function calendarOf(at: string): string {
  return /^\d{1,2}:\d{2}$/.test(at) ? `*-*-* ${at.padStart(5, '0')}:00` : at
}

/** Whether each number in a part of a time, `*`, `0/15` or `9..17`, is below a limit; what follows a slash is a step. */
function isBelow(part: string, limit: number): boolean {
  return part.split(',').every((one) => {
    const [first = '', last = first] = (one.split('/')[0] ?? '').split('..')
    return [first, last].every(
      (number) => number === '*' || (/^\d{1,2}(?:\.\d+)?$/.test(number) && Number(number) < limit),
    )
  })
}

/** `03:00`, `*:0/15:30`. */
function isTime(word: string): boolean {
  const [hours = '', minutes = '', seconds = '0', ...others] = word.split(':')
  return others.length === 0 && isBelow(hours, 24) && isBelow(minutes, 60) && isBelow(seconds, 60)
}

const words =
  /^(?:minutely|hourly|daily|weekly|monthly|quarterly|semi-?annually|bi-?annually|yearly|annually|anually)$/i
const week = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*(?:(?:,|\.\.|-)(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)*,?$/i
const date = /^[\d*,./~]+(?:-[\d*,./~]+){1,2}$/
const zone = /^[A-Z][A-Za-z0-9_+/-]*$/

/**
 * Whether a text may be a calendar expression of systemd, which has the last word on its keeper: a name, or days of the week,
 * a date and a time, of which one is enough, and a time zone (systemd.time(7)).
 */
export function isCalendar(at: string): boolean {
  const said = at.replaceAll(/^ +| +$/g, '').split(/ +/)
  const parts = [week, date].reduce((rest, one) => (one.test(rest[0] ?? '') ? rest.slice(1) : rest), said)
  const [first = ''] = parts
  const rest =
    words.test(first) && parts.length === said.length
      ? parts.slice(1)
      : first.includes(':') && isTime(first)
        ? parts.slice(1)
        : parts
  return rest.length < said.length && (rest.length === 0 || (rest.length === 1 && zone.test(rest[0] ?? '')))
}

const named: Readonly<Record<string, string>> = {
  hourly: '0 * * * *',
  daily: '0 0 * * *',
  weekly: '0 0 * * 1',
  monthly: '0 0 1 * *',
}

/** Each day by its number: crons differ in whether a range may end with a Sunday. systemd's weeks begin on Monday. */
function dayNumbers(text: string): string | undefined {
  const numbers = text.split(',').map((part) => {
    const [first = -1, last = first, ...others] = part
      .split('..')
      .map((day) => days.findIndex((one) => one === day.slice(0, 3).toLowerCase()))
    const isRange = first >= 0 && last >= first && others.length === 0
    return isRange ? Array.from({ length: last - first + 1 }, (_, at) => (first + at + 1) % 7).join(',') : undefined
  })
  return numbers.includes(undefined) ? undefined : numbers.join(',')
}

/**
 * The five fields of cron for a calendar expression; nothing for one that cron cannot keep. What it reads: `03:00`,
 * `hourly`, `daily`, `weekly`, `monthly`, and `Mon,Thu *-*-* 03:00` with days of the week or one day of the month.
 */
export function cronFieldsOf(at: string): string | undefined {
  const known = named[at.trim().toLowerCase()]
  if (known !== undefined) return known
  const [, week, day = '*', hour = '', minute = ''] =
    /^(?:([A-Za-z]{3}[A-Za-z,.]*)\s+)?(?:\*-\*-(\*|\d{1,2})\s+)?(\d{1,2}):(\d{2})(?::00)?$/.exec(at.trim()) ?? []
  if (hour === '' || Number(hour) > 23 || Number(minute) > 59) return undefined
  const weekDays = week === undefined ? '*' : dayNumbers(week)
  if (weekDays === undefined) return undefined
  // cron runs when either fits where both are given; systemd wants both.
  if (week !== undefined && day !== '*') return undefined
  return `${String(Number(minute))} ${String(Number(hour))} ${day === '*' ? '*' : String(Number(day))} * ${weekDays}`
}

/** `+0130` in seconds. */
function secondsOf(zone: string): number {
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d)(\d\d)$/.exec(zone) ?? []
  return (sign === '-' ? -60 : 60) * (Number(hours) * 60 + Number(minutes))
}

/**
 * The next three times after one, in seconds since 1970, at which cron runs what an expression says, in a time zone such as
 * `+0100`; none of an expression that cron cannot keep, or that is not within a year.
 */
export function cronElapses(at: string, since: number, zone: string): readonly number[] {
  const [minute = '', hour = '', day = '', , weekDays = ''] = cronFieldsOf(at)?.split(' ') ?? []
  if (minute === '') return []
  const ahead = secondsOf(zone)
  const fits = (field: string, value: number): boolean => field === '*' || field.split(',').includes(String(value))
  const first = Math.floor((since + ahead) / 3600) * 3600 + Number(minute) * 60
  const found: number[] = []
  for (let local = first; found.length < 3 && local < first + 366 * 86_400; local += 3600) {
    const time = new Date(local * 1000)
    const isMeant = fits(hour, time.getUTCHours()) && fits(day, time.getUTCDate()) && fits(weekDays, time.getUTCDay())
    if (isMeant && local - ahead > since) found.push(local - ahead)
  }
  return found
}
