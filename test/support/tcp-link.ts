import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A TCP connection to something, through here, so that it can go wrong in the ways of real networks. */
export interface TcpLink {
  readonly port: number
  /** Connections that were made through it up to now. */
  connections(): number
  /** Bytes that went through it up to now, both ways. */
  bytes(): number
  /** Settles with the first of them. */
  readonly connected: Promise<unknown>
  /** From now on nothing gets through, and nobody is told: a pulled cable, a firewall that forgot. */
  swallow(): void
  /** Resets every connection that is open now, with RST. */
  reset(): void
  stop(): Promise<void>
}

/** Opens a link on loopback to a port of an address of loopback. */
export async function tcpLink(target: number, address = '127.0.0.1'): Promise<TcpLink> {
  const sockets = new Set<Socket>()
  let connections = 0
  let carried = 0
  let isSwallowing = false
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    socket.setNoDelay(true)
    return socket.on('error', () => undefined).once('close', () => sockets.delete(socket))
  }
  const carry = (from: Socket, to: Socket): void => {
    from.on('data', (bytes: Buffer) => {
      carried += bytes.length
      if (!isSwallowing) to.write(bytes)
    })
    from.once('close', () => {
      if (!isSwallowing) to.destroy()
    })
  }
  const server = createServer((near) => {
    connections++
    const far = keep(connect(target, address))
    keep(near)
    carry(near, far)
    carry(far, near)
  }).listen(0, '127.0.0.1')
  const connected = once(server, 'connection')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    bytes: () => carried,
    connected,
    swallow() {
      isSwallowing = true
    },
    reset() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    async stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
