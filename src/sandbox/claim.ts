import { readFileSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:net'
import { whoListens } from './greeting.ts'
import type { HostPaths } from './paths.ts'

/** Where the search for a free port begins, and how many are tried: 2222 is free on nearly every address. */
const firstPort = 2222
const portCount = 50

/** The port on which a host was last served, when it ever was. */
export function lastPort(host: HostPaths): number | undefined {
  try {
    const port = Number.parseInt(readFileSync(host.port, 'utf8'), 10)
    return port > 0 && port < 65_536 ? port : undefined
  } catch {
    return undefined
  }
}

function listen(server: Server, address: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(error)
    }
    server.once('error', onError)
    server.listen({ host: address, port, exclusive: true }, () => {
      server.off('error', onError)
      resolve(true)
    })
  })
}

/**
 * Makes a server listen for a host, on its last port or the first free one, and records which. Of two programs that try
 * at once the kernel gives one the port; the other finds that the host is already served. `true` when it is ours.
 *
 * @throws Error when no port is free, or when this machine has no such address (`EADDRNOTAVAIL`)
 */
export async function claim(server: Server, host: HostPaths, greeting: string): Promise<boolean> {
  const last = lastPort(host)
  const ports = Array.from({ length: portCount }, (_, index) => firstPort + index)
  for (const port of last === undefined ? ports : [last, ...ports]) {
    let listener: Awaited<ReturnType<typeof whoListens>>
    do {
      if (await listen(server, host.address, port)) {
        writeFileSync(host.port, `${String(port)}\n`, { mode: 0o600 })
        return true
      }
      // Nobody: whoever held the port has just released it, so it is worth trying again.
      listener = await whoListens(host.address, port, greeting)
    } while (listener === 'nobody')
    if (listener === 'ours') return false
  }
  throw new Error(`no port from ${String(firstPort)} on is free on ${host.address}`)
}
