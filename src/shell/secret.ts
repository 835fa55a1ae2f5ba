const brand = Symbol.for('srvkit.secret')

/** A value that is in no screen, log, plan or argument list: only its name is ever shown. */
export interface Secret {
  readonly [brand]: true
  readonly name: string
  /** Reads the value on the laptop; called at most once a run. */
  readonly read: () => string | undefined | Promise<string | undefined>
}

/**
 * Marks a value as secret. Without `read` it is the environment variable of that name on the laptop.
 *
 * @example env: { DATABASE_URL: secret('DATABASE_URL') }
 */
export function secret(name: string, read?: Secret['read']): Secret {
  return { [brand]: true, name, read: read ?? (() => process.env[name]) }
}

/** Tells a secret from other values, also when another copy of this package made it. */
export function isSecret(value: unknown): value is Secret {
  return typeof value === 'object' && value !== null && brand in value
}
