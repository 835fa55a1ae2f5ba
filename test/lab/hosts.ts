import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { get } from 'node:http'
import { promisify } from 'node:util'
import { describe, inject } from 'vitest'
import type { Lab, LabHost } from './global-setup.ts'

const execute = promisify(execFile)

/** The lab; only inside `describeLab`, where there is one. */
export function lab(): Lab {
  const found = inject('lab')
  if (found === undefined) throw new Error('No lab is up: test/lab/up.sh')
  return found
}

/** A `describe` of tests that need the lab: skipped when none is up and `SRV_LAB=required` does not ask for it. */
export const describeLab = describe.skipIf(inject('lab') === undefined)

/** When a process began, in ticks of this boot; nothing when it is gone. */
async function begunAt(pid: string): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.replace(/^.*\) /s, '').split(' ')[19]
}

const inits = new Map<string, { readonly pid: string; readonly begun: string | undefined }>()

/** The first process of a host, as this machine counts; it is another one after each start of the host. */
async function initOf({ name }: LabHost): Promise<string> {
  const known = inits.get(name)
  if (known?.begun !== undefined && known.begun === (await begunAt(known.pid))) return known.pid
  const pid = (await execute('docker', ['inspect', '-f', '{{.State.Pid}}', name])).stdout.trim()
  if (pid === '0') throw new Error(`${name} does not run`)
  inits.set(name, { pid, begun: await begunAt(pid) })
  return pid
}

const clean = ['env', '-i', 'HOME=/root', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']

/**
 * What a shell command prints on a host, asked past sshd and past srv: the truth that both are measured by. It enters the
 * host's namespaces by itself: `docker exec` does the same, and takes ten times as long.
 *
 * @throws Error with the command's stderr when it does not exit 0.
 */
export async function onHost(host: LabHost, command: string): Promise<string> {
  const { stdout } = await execute('nsenter', ['-t', await initOf(host), '-a', ...clean, 'sh', '-c', command])
  return stdout.trim()
}

/** What a command prints on each host, by host name. */
export async function onEachHost(
  command: string,
  hosts: readonly LabHost[] = lab().hosts,
): Promise<Record<string, string>> {
  const answers = await Promise.all(hosts.map((host) => onHost(host, command)))
  return Object.fromEntries(hosts.map((host, index) => [host.name, answers[index] ?? '']))
}

/** The page that an app on a host answers with over the network, or the error's code when it does not. */
export async function page(host: LabHost, port: number): Promise<string> {
  return new Promise((resolve) => {
    const request = get({ host: host.address, port, path: '/', agent: false, timeout: 5000 }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve(`${response.statusCode ?? 0} ${text.trim()}`))
      response.on('error', (error) => resolve(error.message))
    })
    request.on('timeout', () => request.destroy(new Error('ETIMEDOUT')))
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
}

/** The page of an app on every host, by host name. */
export async function pages(port: number): Promise<Record<string, string>> {
  const { hosts } = lab()
  const answers = await Promise.all(hosts.map((host) => page(host, port)))
  return Object.fromEntries(hosts.map((host, index) => [host.name, answers[index] ?? '']))
}

/** The same value for every host, by host name: what a test expects when no host is different. */
export function each(value: string): Record<string, string> {
  return Object.fromEntries(lab().hosts.map((host) => [host.name, value]))
}

/** Takes a service and its units off every host. */
export async function removeService(service: string, hosts: readonly LabHost[] = lab().hosts): Promise<void> {
  await onEachHost(
    `
    for unit in /etc/systemd/system/srv-${service}-*.service; do
      [ -e "$unit" ] || continue
      systemctl disable --now "\${unit##*/}" 2>/dev/null
      systemctl reset-failed "\${unit##*/}" 2>/dev/null
      rm -f "$unit"
    done
    systemctl daemon-reload
    rm -rf "/srv/${service}"`,
    hosts,
  )
}

/** Freezes a host while `work` runs: it accepts connections, as its kernel does, and never answers. */
export async function whileFrozen<Result>(host: LabHost, work: () => Promise<Result>): Promise<Result> {
  await execute('docker', ['pause', host.name])
  try {
    return await work()
  } finally {
    await execute('docker', ['unpause', host.name])
  }
}

/** Stops a host as a power button does and starts it again. */
export async function reboot(host: LabHost): Promise<void> {
  await execute('docker', ['restart', '--time', '20', host.name])
}
