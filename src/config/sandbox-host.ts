const brand = Symbol.for('srvkit.sandbox')

/** A host that srv brings along: a real SSH server on loopback with a root folder of its own, for trying things out. */
export interface SandboxHost {
  readonly [brand]: 1
  readonly kind: 'sandbox'
  readonly tags: readonly string[]
}

/**
 * Makes a host that needs no machine. It is reached over SSH like any other.
 *
 * @example environments: { production: { hosts: { web1: sandbox(), web2: sandbox() } } }
 */
export function sandbox(options: { readonly tags?: readonly string[] } = {}): SandboxHost {
  return { [brand]: 1, kind: 'sandbox', tags: options.tags ?? [] }
}

/** Tells a sandbox host from other values, also when another copy of this package made it. */
export function isSandboxHost(value: unknown): value is SandboxHost {
  return typeof value === 'object' && value !== null && brand in value
}
