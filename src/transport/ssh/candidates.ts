import { access } from 'node:fs/promises'
import type { AnyAuthMethod } from 'ssh2'
import { srvError } from '../../error/srv-error.ts'
import { isSupported, type AgentKey, type Agents } from './agent.ts'
import type { Identities, Identity } from './identity.ts'
import { describeKey, sameKey } from './public-key.ts'
import type { Route } from './route.ts'

/** One way to log in: for an encrypted key, asking for its passphrase is part of trying it. */
export interface Candidate {
  /** As shown when the login is refused. */
  readonly label: string
  readonly method: () => Promise<AnyAuthMethod | undefined>
}

/** The ways to log in to a machine, in order, and what the config names that srv cannot use. */
export interface Candidates {
  readonly list: readonly Candidate[]
  /** Encrypted key files for which nobody can be asked. */
  readonly locked: readonly string[]
  /** Certificates and FIDO keys. */
  readonly unsupported: readonly string[]
}

function fromAgent(user: string, { publicKey, comment, agent }: AgentKey): Candidate {
  return {
    label: `agent: ${comment} (${describeKey(publicKey)})`,
    method: () => Promise.resolve({ type: 'agent', username: user, agent }),
  }
}

function fromFile(user: string, identity: Identity, identities: Identities): Candidate | undefined {
  const label = `${identity.path}${identity.publicKey === undefined ? '' : ` (${describeKey(identity.publicKey)})`}`
  switch (identity.kind) {
    case 'usable':
      return { label, method: () => Promise.resolve({ type: 'publickey', username: user, key: identity.key }) }
    case 'encrypted':
      if (!identities.canAsk) return undefined
      return {
        label,
        async method() {
          const key = await identities.unlock(identity)
          return key === undefined ? undefined : { type: 'publickey', username: user, key }
        },
      }
    case 'missing':
    case 'unusable':
      return undefined
  }
}

async function unsupportedOf(route: Route, files: readonly Identity[]): Promise<readonly string[]> {
  const fido = files.filter(({ publicKey }) => publicKey?.type.startsWith('sk-')).map(({ path }) => `FIDO key ${path}`)
  const besides = files.filter(({ kind }) => kind !== 'missing').map(({ path }) => `${path}-cert.pub`)
  const exists = await Promise.all(
    [...route.certificateFiles, ...besides].map(async (path) => {
      try {
        await access(path)
        return [`certificate ${path}`]
      } catch {
        return []
      }
    }),
  )
  return [...exists.flat(), ...fido]
}

/**
 * Collects the keys to try, in the order of OpenSSH: agent keys that belong to an identity file, other agent keys, files.
 *
 * @throws SrvError SRV-212 when the key that the config names cannot be used.
 */
export async function collectCandidates(route: Route, identities: Identities, agents: Agents): Promise<Candidates> {
  const files = await Promise.all(route.identityFiles.map((path) => identities.read(path)))
  const held = route.agent === undefined ? [] : await agents.keys(route.agent)
  const supported = held.filter(({ publicKey }) => isSupported(publicKey.type))
  const belongs = (file: Identity, { publicKey }: AgentKey): boolean =>
    file.publicKey !== undefined && sameKey(file.publicKey, publicKey)
  const named = files.flatMap((file) => supported.filter((key) => belongs(file, key)))
  const others = route.identitiesOnly ? [] : supported.filter((key) => !named.includes(key))
  const left = files.filter((file) => !named.some((key) => belongs(file, key)))
  const required = left.find(({ path }) => path === route.requiredKey)
  if (required?.kind === 'missing' || required?.kind === 'unusable') {
    const { path, problem } = required
    throw srvError('SRV-212', { host: route.name, path, problem }, { where: { host: route.name } })
  }
  const { user } = route
  return {
    list: [
      ...named.map((key) => fromAgent(user, key)),
      ...others.map((key) => fromAgent(user, key)),
      ...left.flatMap((file) => fromFile(user, file, identities) ?? []),
    ],
    locked: identities.canAsk ? [] : left.filter(({ kind }) => kind === 'encrypted').map(({ path }) => path),
    unsupported: await unsupportedOf(route, files),
  }
}
