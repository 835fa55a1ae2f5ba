import { spawn } from 'node:child_process'
import { Duplex } from 'node:stream'

/** A running ProxyCommand. */
export interface Proxy {
  readonly sock: Duplex
  /** Ends it, and returns the last line that it wrote to standard error, or how it ended. */
  readonly problem: () => Promise<string>
  readonly close: () => void
}

/** Starts a ProxyCommand as OpenSSH does, with its standard streams as the connection. */
export function startProxyCommand(command: string): Proxy {
  // Detached, since a Ctrl-C is for srv: the connection has to live until everything is cleaned up.
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  let said = ''
  let ended = 'it said nothing'
  let closing = false
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-1000)
  })
  const gone = new Promise<void>((resolve) => {
    child.once('close', (code, signal) => {
      if (!closing) ended = signal ?? `exit ${String(code)}`
      resolve()
    })
    child.once('error', (error) => {
      ended = error.message
      resolve()
    })
  })
  const sock = Duplex.from({ readable: child.stdout, writable: child.stdin })
  sock.on('error', () => undefined)
  const close = (): void => {
    closing = true
    sock.destroy()
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
    try {
      process.kill(-child.pid, 'SIGTERM')
    } catch {
      child.kill()
    }
  }
  const problem = async (): Promise<string> => {
    // Its last output may still be on its way; a command that keeps running gets only a moment.
    const timer = setTimeout(close, 500)
    await gone
    clearTimeout(timer)
    return said.trim() || ended
  }
  return { sock, problem, close }
}
