import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import type { LabHost } from '../global-setup.ts'
import { lab, onHost } from '../hosts.ts'
import { transcript, type Outcome } from '../project.ts'

const execute = promisify(execFile)

/** Expects this exit code of a run, and shows all that it printed when it is another one. */
export function expectCode(outcome: Outcome, code: number): void {
  expect(outcome.code, transcript(outcome)).toBe(code)
}

/** Asks again until what is asked is so: nodes tell each other by themselves. The time-out of the test ends it. */
export async function until<R>(ask: () => Promise<R>, isSo: (found: R) => boolean): Promise<R> {
  for (;;) {
    const found = await ask()
    if (isSo(found)) return found
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

/** The hosts that become a swarm; the first is its manager. */
export function swarmHosts(): readonly [LabHost, LabHost, LabHost] {
  const [, , first, second, third] = lab().engines
  return [first, second, third]
}

let holder: ChildProcess | undefined

/** Test files run at the same time, and these hosts can be one swarm only. Whoever has them dies with this process. */
async function takeHosts(): Promise<void> {
  const lock = join(lab().knownHosts, '..', 'swarm.lock')
  const child = spawn('flock', [lock, 'sh', '-c', 'echo taken; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
  holder = child
  await once(child.stdout, 'data')
}

/** Makes one swarm of hosts that have nothing of an earlier one. All are managers, so that one of them may die. */
export async function makeSwarm(): Promise<readonly [LabHost, LabHost, LabHost]> {
  await takeHosts()
  const nodes = swarmHosts()
  const [manager] = nodes
  const clean = 'docker swarm leave --force >/dev/null 2>&1 || :; rm -rf /srv/*'
  await Promise.all(nodes.map((node) => onHost(node, clean)))
  await onHost(manager, `docker swarm init --advertise-addr ${manager.address} >/dev/null`)
  const token = await onHost(manager, 'docker swarm join-token -q manager')
  for (const node of nodes.slice(1)) await onHost(node, `docker swarm join --token ${token} ${manager.address}:2377`)
  return nodes
}

/** Starts a host again that was killed, and waits for its engine. */
export async function revive(node: LabHost): Promise<void> {
  await execute('docker', ['start', node.name])
  await until(
    () => onHost(node, 'docker info >/dev/null 2>&1 && echo up || :').catch(() => ''),
    (said) => said === 'up',
  )
}

/** Takes a swarm apart, with what a service had on its hosts. */
export async function endSwarm(service: string): Promise<void> {
  const clean = `docker swarm leave --force >/dev/null; rm -rf /srv/${service}
docker ps -aq | xargs -r docker rm -f >/dev/null; docker image ls --format '{{.Repository}} {{.ID}}' | awk '$1 ~ /${service}-/ { print $2 }' | sort -u | xargs -r docker image rm -f >/dev/null`
  const end = async (node: LabHost): Promise<void> => {
    await revive(node)
    await onHost(node, clean)
  }
  await Promise.all(swarmHosts().map(end))
  holder?.stdin?.end()
}

/** The nodes on which containers of a service of a stack run, one for each: `shop_web`. */
export async function placesOf(name: string): Promise<readonly string[]> {
  const command = `docker service ps --filter desired-state=running --format '{{.Node}} {{.CurrentState}}' ${name}`
  const found = (await onHost(swarmHosts()[0], command)).split('\n')
  return found.filter((line) => line.includes(' Running')).map((line) => line.replace(/ .*/, ''))
}
