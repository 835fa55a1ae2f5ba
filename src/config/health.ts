/** How many good samples in a row make an instance healthy, and how long that may take. */
export interface HealthLimits {
  /** Good samples in a row: with the interval they span the time in which a late crash is still seen. @default 4 */
  readonly samples?: number
  /** Milliseconds between samples. @default 1000 */
  readonly intervalMs?: number
  /** Milliseconds until the gate gives up. @default 60000 */
  readonly timeoutMs?: number
}

/** A question asked on the host, by which an instance proves that it serves. */
export type Health = (
  | { readonly kind: 'http'; readonly url: string; readonly status: readonly number[] }
  | { readonly kind: 'tcp'; readonly address: string }
  | { readonly kind: 'command'; readonly command: string }
) &
  Required<HealthLimits>

/** The limits with their defaults filled in. */
export function withDefaults(limits: HealthLimits = {}): Required<HealthLimits> {
  return { samples: limits.samples ?? 4, intervalMs: limits.intervalMs ?? 1000, timeoutMs: limits.timeoutMs ?? 60_000 }
}

/** Extra conditions of `http()`. */
export interface HttpOptions extends HealthLimits {
  /** Statuses that count as good. @default any of 200 to 299 */
  readonly status?: number | readonly number[]
}

/**
 * Healthy when a GET on the host answers well. `:3000/up` means port 3000 of the host itself.
 *
 * @example health: http(':3000/up', { samples: 5 })
 */
export function http(url: string, options: HttpOptions = {}): Health {
  const { status = [] } = options
  return { kind: 'http', url, status: typeof status === 'number' ? [status] : status, ...withDefaults(options) }
}

/** Healthy when a TCP connection made on the host is accepted: `:5432` or `10.0.0.5:5432`. */
export function tcp(address: string, limits: HealthLimits = {}): Health {
  return { kind: 'tcp', address, ...withDefaults(limits) }
}
