import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Project } from './cli-project.ts'
import { transcript } from './cli-run.ts'

/** The two hosts of a chaos test. */
export const hosts = ['web1', 'web2'] as const

/** Every boundary between two steps is the beginning of one of them; the last one is an end. */
export function boundaries(steps: readonly string[]): readonly (readonly [string, string, string])[] {
  const starts = steps.map((task, index) => ['step.start', task, hosts[index % 2] ?? 'web1'] as const)
  return [...starts, ['step.end', steps.at(-1) ?? '', 'web2']]
}

/** Starts a run and kills it as soon as it tells of a boundary. */
export async function killAt(
  project: Project,
  args: readonly string[],
  at: readonly [string, string, string],
): Promise<void> {
  const [type, task, host] = at
  const running = project.start([...args, '--json'])
  const place = task === 'git:select' ? '"host":"local"' : `"host":"${host}"`
  await new Promise<void>((resolve) => {
    let text = ''
    const look = (chunk: string): void => {
      text += chunk
      const isThere = text
        .split('\n')
        .some((line) => line.includes(`"type":"${type}"`) && line.includes(`"task":"${task}"`) && line.includes(place))
      if (isThere) running.child.kill('SIGKILL')
    }
    running.child.stdout?.on('data', look)
    void running.outcome.then(() => {
      resolve()
    })
  })
  const outcome = await running.outcome
  expect(outcome.code, `${type} ${task} on ${host} was never told\n${transcript(outcome)}`).toBe('SIGKILL')
}

/** As if 45 s had passed: then nobody holds the leases of the dead run. */
export function letLeasesEnd(project: Project): void {
  const uptime = Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]))
  for (const host of hosts) {
    const beat = join(project.host(host).path('.srv/lease'), 'beat')
    if (existsSync(beat)) writeFileSync(beat, `${uptime - 45}\n`)
  }
}

/** Nothing is locked on a host, one app runs there and nothing else, and it is one of the commits that could serve. */
export async function expectWhole(project: Project, commits: readonly string[]): Promise<void> {
  for (const host of hosts) {
    const folder = project.host(host)
    expect(existsSync(folder.path('.srv/lease')), `lease on ${host}`).toBe(false)
    const page = (await folder.page()) as { readonly commit: string } | undefined
    expect(commits, `page of ${host}`).toContain(page?.commit)
    expect(folder.processes(), `processes on ${host}`).toHaveLength(1)
  }
}
