import { sandboxStatus, stopSandbox } from './sandbox.ts'
import type { SandboxProcess } from './processes.ts'

/** A process in the documents of `srv sandbox`. */
interface ProcessRow {
  readonly pid: number
  readonly command: string
}

/** The document of `srv sandbox status`. */
export interface SandboxStatusDocument {
  readonly schema: 'srv.sandbox/1'
  readonly hosts: readonly {
    readonly name: string
    readonly answers: boolean
    readonly address: string
    readonly user: string
    /** The last one, when it does not answer; `null` when it never did. */
    readonly port: number | null
    /** Path of the private key that it lets in. */
    readonly key: string
    readonly host_keys: readonly string[]
    readonly root: string
    readonly processes: readonly ProcessRow[]
  }[]
}

/** The document of `srv sandbox stop`: what was ended. */
export interface SandboxStopDocument {
  readonly schema: 'srv.sandbox.stop/1'
  /** The host is `null` for the server of all of them. */
  readonly stopped: readonly (ProcessRow & { readonly host: string | null })[]
}

function counted(count: number): string {
  return `${String(count)} ${count === 1 ? 'process' : 'processes'}`
}

function processLine({ pid, command }: ProcessRow): string {
  return `  ${String(pid)}  ${command}`
}

function processRow({ pid, command }: SandboxProcess): ProcessRow {
  return { pid, command }
}

/** What there is of a project's sandbox. */
export async function sandboxStatusDocument(projectRoot: string): Promise<SandboxStatusDocument> {
  const hosts = await sandboxStatus(projectRoot)
  return {
    schema: 'srv.sandbox/1',
    hosts: hosts.map(({ name, answers, address, user, port, key, hostKeys, root, processes }) => ({
      name,
      answers,
      address,
      user,
      port: port === 0 ? null : port,
      key,
      host_keys: hostKeys,
      root,
      processes: processes.map((one) => processRow(one)),
    })),
  }
}

/** Ends the sandbox hosts of a project, and says what that was. */
export async function sandboxStopDocument(projectRoot: string): Promise<SandboxStopDocument> {
  const stopped = await stopSandbox(projectRoot)
  return {
    schema: 'srv.sandbox.stop/1',
    stopped: stopped.map((one) => ({ ...processRow(one), host: one.host === '' ? null : one.host })),
  }
}

/** The lines of `srv sandbox status`. */
export function sandboxStatusLines({ hosts }: SandboxStatusDocument): readonly string[] {
  if (hosts.length === 0) return ['There are no sandbox hosts.']
  return hosts.flatMap(({ name, answers, user, address, port, processes }) => {
    const where = `${user}@${address}:${String(port)}`
    const head = answers ? `${name}  ${where}  ${counted(processes.length)}` : `${name}  stopped`
    return [head, ...processes.map((one) => processLine(one))]
  })
}

/** The lines of `srv sandbox stop`. */
export function sandboxStopLines({ stopped }: SandboxStopDocument): readonly string[] {
  if (stopped.length === 0) return ['No sandbox host was running.']
  const onHosts = stopped.filter(({ host }) => host !== null)
  return [
    `Stopped the sandbox hosts and ${counted(onHosts.length)} on them.`,
    ...onHosts.map(({ host, pid, command }) => `  ${host ?? ''}  ${String(pid)}  ${command}`),
  ]
}
