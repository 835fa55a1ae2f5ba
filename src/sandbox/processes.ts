import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** The variable that marks every process of a sandbox: `<sandbox id>/<host>`, with no host for the server itself. */
export const markVariable = 'SRV_SANDBOX'

/** A process that was started on a sandbox host, or the server of the hosts. */
export interface SandboxProcess {
  readonly pid: number
  /** Empty for the server itself. */
  readonly host: string
  readonly command: string
}

function hostIn(environment: readonly string[], id: string): string | undefined {
  const mark = `${markVariable}=${id}/`
  return environment.find((variable) => variable.startsWith(mark))?.slice(mark.length)
}

/** Reads the output of `ps axeww -o pid=,command=`, where the environment follows the command on the same line. */
export function parseProcessList(output: string, id: string): readonly SandboxProcess[] {
  return output.split('\n').flatMap((line) => {
    const words = line.trim().split(/\s+/)
    const host = hostIn(words, id)
    if (host === undefined) return []
    const firstVariable = words.findIndex((word, index) => index > 1 && /^[A-Z_][A-Z0-9_]*=/.test(word))
    return [{ pid: Number(words[0]), host, command: words.slice(1, firstVariable).join(' ') }]
  })
}

function readProcess(pid: string, id: string): readonly SandboxProcess[] {
  try {
    const host = hostIn(readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0'), id)
    if (host === undefined) return []
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
    return [{ pid: Number(pid), host, command }]
  } catch {
    // It ended meanwhile, or it is another user's.
    return []
  }
}

/**
 * The processes of a sandbox, whoever is their parent now: they are known by a variable that they inherit. One that
 * clears its environment is not found. `host` narrows it to one host; this process itself is never among them.
 */
export function listProcesses(id: string, host?: string): readonly SandboxProcess[] {
  const all = existsSync('/proc/self/environ')
    ? readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? readProcess(name, id) : []))
    : parseProcessList(
        execFileSync('ps', ['axeww', '-o', 'pid=,command='], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }),
        id,
      )
  return all.filter((found) => found.pid !== process.pid && (host === undefined || found.host === host))
}

/** Sends a signal to each; one that ended meanwhile is no error. */
export function signalAll(processes: readonly SandboxProcess[], signal: NodeJS.Signals): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal)
    } catch {
      // It is gone, which is what was asked for.
    }
  }
}

/** Kills the processes that one sandbox host has now, and returns when none of them is left. */
export async function killProcesses(id: string, host: string): Promise<void> {
  const condemned = new Set(listProcesses(id, host).map(({ pid }) => pid))
  for (;;) {
    const left = listProcesses(id, host).filter(({ pid }) => condemned.has(pid))
    if (left.length === 0) return
    signalAll(left, 'SIGKILL')
    await delay(10)
  }
}

/** Ends every process of a sandbox, with TERM, and after `graceMs` milliseconds with KILL; returns what it ended. */
export async function endProcesses(id: string, graceMs: number): Promise<readonly SandboxProcess[]> {
  const ended = new Map<number, SandboxProcess>()
  const start = performance.now()
  for (;;) {
    const left = listProcesses(id)
    if (left.length === 0) return [...ended.values()]
    const impatient = performance.now() - start > graceMs
    // TERM once each: what starts while others end is new here, and gets its own.
    signalAll(impatient ? left : left.filter(({ pid }) => !ended.has(pid)), impatient ? 'SIGKILL' : 'SIGTERM')
    for (const one of left) ended.set(one.pid, one)
    await delay(25)
  }
}
