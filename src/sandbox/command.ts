import { sandboxStatus, stopSandbox, type SandboxHostStatus } from './sandbox.ts'
import type { SandboxProcess } from './processes.ts'

/** What `srv sandbox status` and `stop` show: the document of `--json`, and the lines for people. */
export interface Shown<D> {
  readonly data: D
  readonly lines: readonly string[]
}

function counted(count: number): string {
  return `${String(count)} ${count === 1 ? 'process' : 'processes'}`
}

function processLine({ pid, command }: SandboxProcess): string {
  return `  ${String(pid)}  ${command}`
}

function hostLines(host: SandboxHostStatus): readonly string[] {
  if (!host.answers) return [`${host.name}  stopped`, ...host.processes.map(processLine)]
  const where = `${host.user}@${host.address}:${String(host.port)}`
  return [`${host.name}  ${where}  ${counted(host.processes.length)}`, ...host.processes.map(processLine)]
}

/** The body of `srv sandbox status`. */
export async function showSandboxStatus(projectRoot: string): Promise<Shown<readonly SandboxHostStatus[]>> {
  const data = await sandboxStatus(projectRoot)
  return { data, lines: data.length === 0 ? ['There are no sandbox hosts.'] : data.flatMap(hostLines) }
}

/** The body of `srv sandbox stop`. */
export async function showSandboxStop(projectRoot: string): Promise<Shown<readonly SandboxProcess[]>> {
  const data = await stopSandbox(projectRoot)
  const onHosts = data.filter(({ host }) => host !== '')
  if (data.length === 0) return { data, lines: ['No sandbox host was running.'] }
  return {
    data,
    lines: [
      `Stopped the sandbox hosts and ${counted(onHosts.length)} on them.`,
      ...onHosts.map((one) => `  ${one.host}  ${String(one.pid)}  ${one.command}`),
    ],
  }
}
