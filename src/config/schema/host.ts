import * as z from 'zod'
import { isSandboxHost, type SandboxHost } from '../sandbox-host.ts'
import { parseHost } from '../host-text.ts'
import { line, strict } from './strict.ts'

const user = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._@+-]*\$?$/, { error: 'is not a user name' })

const root = line
  .refine((path) => path.startsWith('/'), { error: 'must be an absolute path' })
  .refine((path) => !path.split('/').includes('..'), { error: 'must not contain ..' })
  .refine((path) => path !== '/', { error: 'must be a folder of its own, not /' })

const address = z
  .string()
  .refine((text) => !text.includes('@'), { error: 'must be only the host: set the user with the option user' })
  .refine((text) => text.includes('@') || parseHost(text)?.address === text || text === 'local', {
    error: 'is not a host name or address: set a port with the option port',
  })

const hostKey = z.string().regex(/^(ssh-|ecdsa-|sk-)[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}$/, {
  error: 'is not a public host key: write "ssh-ed25519 AAAA…", as in a .pub file, without the comment',
})

/** `user@host:port` in one text. */
const hostText = z.string().refine((text) => parseHost(text) !== undefined, {
  error: 'is not a host: write "user@host", "user@host:port", "host" or "local"',
})

/** A host with more to say. */
const hostObject = strict({
  address,
  user: user.optional(),
  port: z.number().int().min(1).max(65_535).optional(),
  key: line.optional(),
  sshConfig: line.optional(),
  root: root.optional(),
  tags: z.array(line).optional(),
  hostKeys: z.union([hostKey, z.array(hostKey)]).optional(),
})

const sandboxHost = z.custom<SandboxHost>(isSandboxHost, {
  error: 'must be "user@host", an object with an address, or sandbox()',
})

/** A host of an environment, in any of its forms. */
export const hostSchema = z.union([hostText, hostObject, sandboxHost])
