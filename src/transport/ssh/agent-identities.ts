import { createConnection } from 'node:net'
import { fromBlob, type PublicKey } from './public-key.ts'

/** A key as an agent lists it. */
export interface AgentIdentity {
  readonly publicKey: PublicKey
  readonly comment: string
}

/** SSH_AGENTC_REQUEST_IDENTITIES and its answer, in draft-ietf-sshm-ssh-agent. */
const requestIdentities = 11
const identitiesAnswer = 12
/** The limit of OpenSSH's own agent, in bytes. */
const longestAnswer = 256 * 1024
const timeoutMs = 5000

function parseAnswer(answer: Buffer): readonly AgentIdentity[] {
  let offset = 5
  const field = (): Buffer => {
    const length = answer.readUInt32BE(offset)
    offset += 4 + length
    return answer.subarray(offset - length, offset)
  }
  const found: AgentIdentity[] = []
  for (let left = answer.readUInt32BE(1); left > 0; left--) {
    const publicKey = fromBlob(Buffer.from(field()))
    const comment = field().toString('utf8')
    if (publicKey !== undefined) found.push({ publicKey, comment })
  }
  return found
}

/** Lists all keys of an agent, also those of types that ssh2 does not know and leaves out. Never rejects: no answer is no key. */
export function agentIdentities(socketPath: string): Promise<readonly AgentIdentity[]> {
  return new Promise((resolve) => {
    const socket = createConnection(socketPath)
    let received = Buffer.alloc(0)
    const settle = (found: readonly AgentIdentity[]): void => {
      socket.destroy()
      resolve(found)
    }
    const nothing = (): void => {
      settle([])
    }
    socket.setTimeout(timeoutMs, nothing).once('error', nothing).once('close', nothing)
    socket.once('connect', () => socket.write(Buffer.from([0, 0, 0, 1, requestIdentities])))
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes])
      if (received.length < 5) return
      const length = received.readUInt32BE(0)
      if (length > longestAnswer || received[4] !== identitiesAnswer) nothing()
      else if (received.length >= 4 + length) {
        try {
          settle(parseAnswer(received.subarray(4, 4 + length)))
        } catch {
          nothing()
        }
      }
    })
  })
}
