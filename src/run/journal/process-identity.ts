import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Identifies the process of a run: enough to say later whether it still runs, even if its number has been reused. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it started, as this system counts: compared, never read. Empty when the system did not say. */
  readonly started: string
  /** The machine's name. */
  readonly host: string
  /** Changes with each boot of the machine; empty where that is unknown. */
  readonly boot: string
  /** Process numbers of a container mean nothing outside of it; empty where that is unknown. */
  readonly namespace: string
}

/** `elsewhere`: on another machine or in another container, so that nobody here can know. */
export type Liveness = 'runs' | 'gone' | 'elsewhere'

const hasProc = existsSync('/proc/self/stat')

function orEmpty(read: () => string): string {
  try {
    return read().trim()
  } catch {
    return ''
  }
}

/** State and start of a process; empty when there is none that we can see. */
function look(pid: number): { readonly state: string; readonly started: string } {
  if (hasProc) {
    // The second field is the program's name in parentheses, which may hold anything: state is field 3, start field 22.
    const fields = orEmpty(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
      .replace(/^.*\) /s, '')
      .split(' ')
    return { state: fields[0] ?? '', started: fields[19] ?? '' }
  }
  const env = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }
  const line = orEmpty(() => execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8', env }))
  const [state = '', ...started] = line.split(/\s+/)
  return { state, started: started.join(' ') }
}

/** Whether the system knows the number, even when it shows us nothing about the process. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    started: look(process.pid).started,
    host: hostname(),
    boot: orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    namespace: orEmpty(() => readlinkSync('/proc/self/ns/pid')),
  }
}

/** Whether a process that was recorded runs now, seen from `here`. */
export function livenessOf(recorded: ProcessIdentity, here: ProcessIdentity = ownIdentity()): Liveness {
  if (recorded.host !== here.host) return 'elsewhere'
  if (recorded.boot !== here.boot) return 'gone'
  if (recorded.namespace !== here.namespace) return 'elsewhere'
  const { state, started } = look(recorded.pid)
  if (state === '') return exists(recorded.pid) ? 'runs' : 'gone'
  // A zombie has ended; only its parent has not noticed yet.
  if (state.startsWith('Z') || state.startsWith('X')) return 'gone'
  return recorded.started === '' || started === recorded.started ? 'runs' : 'gone'
}
