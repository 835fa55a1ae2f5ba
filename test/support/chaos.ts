import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Project } from './cli-project.ts'
import { transcript } from './cli-run.ts'

/** The two hosts of a chaos test. */
export const hosts = ['web1', 'web2'] as const

/** The steps of a run on two hosts, in their order. */
export interface Steps {
  /** Done once, on the operator's machine. */
  readonly once?: readonly string[]
  /** Done on both hosts at the same time. */
  readonly prepare?: readonly string[]
  /** Done on one host after the other. */
  readonly rolling: readonly string[]
  /** Done on both hosts at the same time. */
  readonly finish: readonly string[]
}

/** Where a run is killed: an event, a task, and the machines that it has to be told of, `web1 and web2`. */
export type Boundary = readonly [type: string, task: string, on: string]

/**
 * Every boundary between two steps is the beginning of one of them, and the last one is an end. Where hosts take turns
 * each of them has its own; where they do not, both have got there.
 */
export function boundaries({ once = [], prepare = [], rolling, finish }: Steps): readonly Boundary[] {
  const both = hosts.join(' and ')
  const starts = (tasks: readonly string[], on: string): readonly Boundary[] =>
    tasks.map((task) => ['step.start', task, on])
  return [
    ...starts(once, 'local'),
    ...starts(prepare, both),
    ...hosts.flatMap((host) => starts(rolling, host)),
    ...starts(finish, both),
    ['step.end', finish.at(-1) ?? '', both],
  ]
}

/** Starts a run on both hosts and kills it as soon as it has told of a boundary. */
export async function killAt(project: Project, args: readonly string[], [type, task, on]: Boundary): Promise<void> {
  const running = project.start([...args, '--json'])
  await new Promise<void>((resolve) => {
    let text = ''
    const look = (chunk: string): void => {
      text += chunk
      const told = text
        .split('\n')
        .filter((line) => line.includes(`"type":"${type}"`) && line.includes(`"task":"${task}"`))
      const isThere = on.split(' and ').every((host) => told.some((line) => line.includes(`"host":"${host}"`)))
      if (isThere) running.child.kill('SIGKILL')
    }
    running.child.stdout?.on('data', look)
    void running.outcome.then(() => {
      resolve()
    })
  })
  const outcome = await running.outcome
  expect(outcome.code, `${type} ${task} on ${on} was never told\n${transcript(outcome)}`).toBe('SIGKILL')
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
