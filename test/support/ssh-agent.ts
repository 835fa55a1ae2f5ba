import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A real ssh-agent of a test. */
export interface TestAgent {
  readonly socket: string
  /** Adds key files, each with the certificate that lies beside it. */
  add(...keys: readonly string[]): void
  stop(): Promise<void>
}

/** Starts an agent on a socket, and waits until it listens. */
export async function startAgent(socket: string): Promise<TestAgent> {
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] })
  await once(agent.stdout, 'data')
  return {
    socket,
    add(...keys) {
      execFileSync('ssh-add', ['-q', ...keys], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' })
    },
    async stop() {
      const ended = once(agent, 'exit')
      agent.kill()
      await ended
    },
  }
}
