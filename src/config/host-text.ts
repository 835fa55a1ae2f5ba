/** What `user@host:port` says. */
export interface HostText {
  readonly address: string
  readonly user?: string
  readonly port?: number
}

const pattern =
  /^(?:(?<user>[A-Za-z0-9_][A-Za-z0-9._@+-]*\$?)@)?(?:\[(?<bracketed>[0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|(?<plain>[A-Za-z0-9_][A-Za-z0-9._-]*)|(?<six>[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*))(?::(?<port>\d{1,5}))?$/

/**
 * Reads `user@host`, `user@host:port`, `host` or an IPv6 address, in brackets when a port follows. Returns `undefined` for
 * anything else: a host that begins with `-` would be an option of ssh, and one with shell characters is never a host.
 */
export function parseHost(text: string): HostText | undefined {
  const groups = pattern.exec(text)?.groups
  const address = groups?.['bracketed'] ?? groups?.['plain'] ?? groups?.['six']
  if (groups === undefined || address === undefined) return undefined
  const { user, port } = groups
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return undefined
  return {
    address,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
  }
}
