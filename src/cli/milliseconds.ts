import { srvError } from '../error/srv-error.ts'

const units: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000 }

/** A length of time of the command line in milliseconds: `90`, `90s`, `15m`, `1h`. @throws SrvError SRV-100 for anything else */
export function milliseconds(text: string): number {
  const [, count, unit = ''] = /^(\d+)([smh]?)$/.exec(text) ?? []
  if (count === undefined)
    throw srvError('SRV-100', { problem: `${text} is not a length of time, such as 90s, 15m or 1h.` })
  return Number(count) * (units[unit] ?? 1000)
}
