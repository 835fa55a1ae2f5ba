import { connect, createServer, type Server } from 'node:net'
import ssh2, {
  type AuthContext,
  type ClientInfo,
  type Connection,
  type ServerChannel,
  type TcpipRequestInfo,
} from 'ssh2'
import { commandEnvironment, sandboxUser } from './environment.ts'
import { greetingOf } from './greeting.ts'
import type { KeyPair } from './key.ts'
import type { HostPaths, SandboxPaths } from './paths.ts'
import { serveSession } from './session.ts'

/** What one host's server is made of. */
export interface HostServer {
  readonly sandbox: SandboxPaths
  readonly host: HostPaths
  readonly hostKey: KeyPair
  /** `type base64` of the only key that may log in. */
  readonly authorizedKey: string
  readonly log: (line: string) => void
}

function mayLogIn(context: AuthContext, authorizedKey: string): boolean {
  if (context.method !== 'publickey' || context.username !== sandboxUser) return false
  const parsed = ssh2.utils.parseKey(authorizedKey)
  if (parsed instanceof Error) return false
  if (context.key.algo !== parsed.type || !context.key.data.equals(parsed.getPublicSSH())) return false
  // Without a signature the client only asks whether this key would do.
  if (context.signature === undefined || context.blob === undefined) return true
  // Its type says boolean, but ssh2 1.17 returns an Error for a signature that it cannot read (lib/protocol/keyParser.js).
  const verdict: unknown = parsed.verify(context.blob, context.signature, context.hashAlgo)
  return verdict === true
}

/** The TCP port on which a server listens; 0 while it does not. */
export function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function forward(accept: () => ServerChannel, reject: () => void, { destIP, destPort }: TcpipRequestInfo): void {
  const target = connect({ host: destIP, port: destPort })
  target.once('error', reject)
  target.once('connect', () => {
    target.off('error', reject)
    const channel = accept()
    const end = (): void => {
      target.destroy()
      channel.close()
    }
    target.on('error', end)
    channel.on('error', end).on('close', end)
    channel.pipe(target).pipe(channel)
  })
}

/** Makes the SSH server of one sandbox host: key login only, `/bin/sh`, forwarding. It does not listen yet. */
export function createHostServer({ sandbox, host, hostKey, authorizedKey, log }: HostServer): Server {
  const ssh = new ssh2.Server({ hostKeys: [hostKey.privateKey], ident: greetingOf(hostKey.publicKey) })
  ssh.on('connection', (client: Connection, from: ClientInfo) => {
    // One listener for each command that runs: that many is no leak.
    client.setMaxListeners(0)
    client.on('error', (error) => {
      log(`${host.name}: the connection from port ${String(from.port)} failed: ${error.message}`)
    })
    client.on('authentication', (context) => {
      if (mayLogIn(context, authorizedKey)) context.accept()
      else context.reject(['publickey'])
    })
    const environment = commandEnvironment(sandbox, host, { address: from.ip, port: from.port, ownPort: portOf(tcp) })
    client.on('session', (accept) => {
      serveSession(client, accept(), { home: host.home, environment })
    })
    client.on('tcpip', forward)
  })
  // ssh2 would leave Nagle's algorithm on, which adds 40 ms to each command.
  const tcp = createServer({ noDelay: true }, (socket) => {
    ssh.injectSocket(socket)
  })
  return tcp
}
