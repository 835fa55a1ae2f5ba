import type { OpenSSHAgent as Agent, ParsedKey } from 'ssh2'
import { agentIdentities } from './agent-identities.ts'
import { fromBlob, type PublicKey } from './public-key.ts'

/** A key that an agent holds, with an agent that offers only this key, so that we know which key is being tried. */
export interface AgentKey {
  readonly publicKey: PublicKey
  readonly comment: string
  readonly agent: Agent
}

/** Asks agents for their keys, each socket once for all hosts. */
export interface Agents {
  /** Never rejects: an agent that does not answer is a warning and has no keys. */
  keys(socket: string): Promise<readonly AgentKey[]>
  /** What it holds that ssh2 silently ignores: certificates and FIDO keys. Never rejects. */
  unsupported(socket: string): Promise<readonly string[]>
}

/** Whether srv can log in with a key of this type. */
export const isSupported = (type: string): boolean => !type.startsWith('sk-') && !type.includes('-cert-')

/** Makes the store of agents of a run. */
export function createAgents(warn: (message: string) => void): Agents {
  const asked = new Map<string, Promise<readonly AgentKey[]>>()
  const ask = async (socket: string): Promise<readonly AgentKey[]> => {
    const { OpenSSHAgent } = (await import('ssh2')).default
    /** ssh2 recognises agents by their class, so this has to be one. */
    class OneKey extends OpenSSHAgent {
      readonly only: ParsedKey
      constructor(only: ParsedKey) {
        super(socket)
        this.only = only
      }
      override getIdentities(done: (error: null, keys: ParsedKey[]) => void): void {
        done(null, [this.only])
      }
    }
    const real = new OpenSSHAgent(socket)
    return new Promise((resolve) => {
      real.getIdentities((error, keys) => {
        if (error) {
          warn(`the SSH agent at ${socket} does not answer (${error.message}): its keys are not tried`)
          resolve([])
          return
        }
        const usable = (keys ?? []).flatMap((key): AgentKey[] => {
          if (!('getPublicSSH' in key)) return []
          const publicKey = fromBlob(key.getPublicSSH())
          return publicKey === undefined ? [] : [{ publicKey, comment: key.comment, agent: new OneKey(key) }]
        })
        resolve(usable)
      })
    })
  }
  return {
    keys(socket) {
      const known = asked.get(socket) ?? ask(socket)
      asked.set(socket, known)
      return known
    },
    async unsupported(socket) {
      const held = await agentIdentities(socket)
      return held.flatMap(({ publicKey, comment }) => {
        if (isSupported(publicKey.type)) return []
        return [`${publicKey.type.includes('-cert-') ? 'certificate' : 'FIDO key'} ${comment} of the agent`]
      })
    },
  }
}
