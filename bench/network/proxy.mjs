import { once } from 'node:events'
import { createServer, connect } from 'node:net'

/** Passes chunks on after a delay, in their order, and the end after the last of them. */
function delayed(from, to, delayMs, onChunk) {
  const later = (action) => {
    setTimeout(action, delayMs)
  }
  from.on('data', (chunk) => {
    onChunk()
    later(() => to.write(chunk))
  })
  from.on('end', () => later(() => to.end()))
  from.on('close', () => later(() => to.destroy()))
  from.on('error', () => undefined)
}

/**
 * A link of its own length to `target`: every byte takes half a round trip, and a connection is there after the one and a
 * half that the handshake of TCP takes. `turns` counts how often the client spoke after it had heard something, for each
 * connection: that is how often it waited for a round trip, whatever the length of the link.
 */
export async function startProxy(address, port, target, roundTripMs) {
  const connections = []
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (client) => {
    const turns = { count: 0, heard: true }
    connections.push(turns)
    client.on('error', () => undefined)
    setTimeout(() => {
      const host = connect({ ...target, noDelay: true })
      delayed(client, host, roundTripMs / 2, () => {
        if (turns.heard) turns.count++
        turns.heard = false
      })
      delayed(host, client, roundTripMs / 2, () => (turns.heard = true))
      client.resume()
    }, roundTripMs * 1.5)
  })
  server.listen(port, address)
  await once(server, 'listening')
  return {
    address,
    port: server.address().port,
    /** Turns of each connection since the last question. */
    turns: () => connections.splice(0).map(({ count }) => count),
    stop: () => server.close(),
  }
}
