import { expect } from 'vitest'
import type { LabHost } from '../global-setup.ts'
import { onHost } from '../hosts.ts'
import type { LabFolder } from '../project.ts'

/** Starts a run and kills it as soon as a line of its events has all of these words; tells what the line was. */
export async function killAt(project: LabFolder, args: readonly string[], words: readonly string[]): Promise<void> {
  const { child } = project.start([...args, '--json'])
  let text = ''
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_code, signal) => resolve(signal)))
  child.stdout?.on('data', (chunk: string) => {
    text += chunk
    if (text.split('\n').some((line) => words.every((word) => line.includes(word)))) child.kill('SIGKILL')
  })
  expect(await ended, `no line with ${words.join(' ')} in\n${text}`).toBe('SIGKILL')
}

/** As if 45 s had passed: then nobody holds the lease of the dead run of a service. */
export async function letLeaseEnd(host: LabHost, service: string): Promise<void> {
  const beat = `/srv/${service}/.srv/lease/beat`
  await onHost(host, `[ ! -f ${beat} ] || echo $(($(cut -d. -f1 /proc/uptime) - 45)) > ${beat}`)
}
