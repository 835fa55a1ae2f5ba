import { srvError } from '../../src/error/srv-error.ts'
import { isScript, display } from '../../src/shell/script.ts'
import { openLocal } from '../../src/transport/local.ts'
import type { Pool } from '../../src/transport/pool.ts'
import type { End, ExecOptions, ExecResult, Transport } from '../../src/transport/transport.ts'

/** What goes wrong on a host: the one thing about a machine that these tests make up. */
export type Fault =
  | { readonly kind: 'unreachable' }
  /** The command does not get there, and this is how it ends. */
  | { readonly kind: 'end'; readonly at: number; readonly end: End }
  /** From this command on nothing gets there any more; that command itself breaks off once it has ended a line with a text. */
  | { readonly kind: 'gone'; readonly from: number; readonly after?: string; readonly reason: string }
  /** The command runs until it has printed this; then this is how it ends. */
  | { readonly kind: 'cut'; readonly at: number; readonly after: string; readonly end: End }

/** One command that a host was sent. */
export interface Sent {
  readonly host: string
  readonly script: string
}

/** A pool whose hosts are folders of this machine, with real shells in them. */
export interface TestPool extends Pool {
  readonly sent: Sent[]
  /** What each host was sent, in order. */
  readonly sentTo: (host: string) => readonly string[]
  readonly isClosed: () => boolean
  /** Called before each command is sent. */
  onSend: ((sent: Sent) => void) | undefined
}

async function cut(transport: Transport, script: string, options: ExecOptions, after: string, end: End) {
  const stop = new AbortController()
  let heard = ''
  const result = await transport.exec(script, {
    ...options,
    signal: stop.signal,
    onOutput(stream, text) {
      heard += text
      options.onOutput?.(stream, text)
      if (heard.includes(after)) stop.abort()
    },
  })
  return { ...result, end }
}

/** Hosts by name, each with the folder that its commands start in, and what goes wrong on them. */
export function testPool(
  folders: Readonly<Record<string, string>>,
  faults: Readonly<Record<string, Fault>> = {},
): TestPool {
  const sent: Sent[] = []
  let closed = false
  const wrap = (host: string, transport: Transport): Transport => {
    let count = 0
    return {
      ...transport,
      async exec(script, options = {}): Promise<ExecResult> {
        const text = isScript(script) ? display(script) : script
        count++
        sent.push({ host, script: text })
        pool.onSend?.({ host, script: text })
        const fault = faults[host]
        if (fault?.kind === 'gone' && fault.from <= count) {
          const end: End = { kind: 'lost', reason: fault.reason }
          if (fault.after !== undefined && fault.from === count) return cut(transport, text, options, fault.after, end)
          return { end, stdout: '', stderr: '', durationMs: 0 }
        }
        if (fault?.kind === 'end' && fault.at === count) {
          return { end: fault.end, stdout: '', stderr: '', durationMs: 0 }
        }
        if (fault?.kind === 'cut' && fault.at === count) return cut(transport, text, options, fault.after, fault.end)
        return transport.exec(script, options)
      },
    }
  }
  const known = new Map<string, Transport>()
  const pool: TestPool = {
    sent,
    sentTo: (host) => sent.filter((one) => one.host === host).map(({ script }) => script),
    isClosed: () => closed,
    onSend: undefined,
    get(host) {
      if (faults[host.name]?.kind === 'unreachable') {
        const to = { host: host.name, isJump: false, user: 'deploy', address: `${host.name}.test`, port: 22 }
        return Promise.reject(srvError('SRV-202', to, { where: { host: host.name } }))
      }
      const found = known.get(host.name) ?? wrap(host.name, openLocal({ cwd: folders[host.name] ?? '/nowhere' }))
      known.set(host.name, found)
      return Promise.resolve(found)
    },
    local() {
      const found = known.get('local') ?? wrap('local', openLocal({ cwd: folders['local'] ?? '/nowhere' }))
      known.set('local', found)
      return Promise.resolve(found)
    },
    close() {
      closed = true
      return Promise.resolve()
    },
  }
  return pool
}
