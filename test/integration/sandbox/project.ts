import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from 'ssh2'
import { stopSandbox, type SandboxAccess } from '../../../src/sandbox/sandbox.ts'

/** A project folder that is gone, with everything that runs in its sandbox, when `remove` is called. */
export interface TemporaryProject {
  readonly root: string
  remove(): Promise<void>
}

/** Makes an empty project folder. */
export function temporaryProject(): TemporaryProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'srv-sandbox-')))
  return {
    root,
    async remove() {
      await stopSandbox(root)
      rmSync(root, { recursive: true })
    },
  }
}

/** What a command on a host left behind. */
export interface Finished {
  readonly code: number | null | undefined
  readonly signal: string | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Logs in with the ssh2 client, checking the host key; `overrides` make it go wrong. */
export function logIn(access: SandboxAccess, overrides: ConnectConfig = {}): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    const pinned = access.hostKeys.map((key) => key.split(' ')[1])
    client.on('error', reject)
    client.on('ready', () => {
      client.setNoDelay(true)
      resolve(client)
    })
    client.connect({
      host: access.address,
      port: access.port,
      username: access.user,
      privateKey: readFileSync(access.key),
      hostVerifier: (key: Buffer) => pinned.includes(key.toString('base64')),
      ...overrides,
    })
  })
}

/** Opens a command with its standard streams. */
export function open(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error === undefined) resolve(channel)
      else reject(error)
    })
  })
}

/** Waits until a channel is closed, and reads all of it. */
export function finish(channel: ClientChannel): Promise<Finished> {
  return new Promise((resolve) => {
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    let signal: string | undefined
    channel.on('data', (data: Buffer) => stdout.push(data))
    channel.stderr.on('data', (data: Buffer) => stderr.push(data))
    channel.on('exit', (_code: unknown, name?: string) => {
      signal = name
    })
    channel.on('close', (code: number | null | undefined) => {
      resolve({ code, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() })
    })
  })
}

/** Runs a command to its end, with this standard input. */
export function execute(client: Client, command: string, stdin = ''): Promise<Finished> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error !== undefined) {
        reject(error)
        return
      }
      // At once: what ends in the same packet as it begins tells its exit status to whoever listens by then.
      finish(channel).then(resolve, reject)
      channel.end(stdin)
    })
  })
}

/** The access of one host, which must be there. */
export function hostOf(hosts: ReadonlyMap<string, SandboxAccess>, name: string): SandboxAccess {
  const access = hosts.get(name)
  if (access === undefined) throw new Error(`no host ${name}`)
  return access
}
