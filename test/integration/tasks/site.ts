import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Host, Instance, InstanceContext, Placement } from '../../../src/index.ts'

/** A host whose services live in a folder. */
export function hostAt(root: string): Host {
  return { name: 'web1', kind: 'ssh', address: 'web1', hostKeys: [], root, tags: [], loopback: '127.0.0.1' }
}

/** `blog/native` on that host. */
export function placementAt(root: string, options: Partial<Instance> = {}): Placement {
  const instance: Instance = {
    id: 'blog/native',
    service: 'blog',
    name: 'native',
    kind: 'native',
    build: [],
    health: [],
    env: {},
    settings: {},
    ...options,
  }
  const host = hostAt(root)
  const service = join(root, 'blog')
  return {
    id: 'blog/native@web1',
    host,
    service: { name: 'blog', hosts: [host], instances: [instance] },
    instance,
    paths: {
      service,
      instance: join(service, 'instances/native'),
      data: join(service, 'data'),
      state: join(service, '.srv'),
    },
  }
}

/** What the tasks of this folder read of a context; a task that reads more fails loudly. */
export function contextAt(placement: Placement, more: Partial<InstanceContext> = {}): InstanceContext {
  const refuse = (): never => {
    throw new Error('a stock task is shell text and runs nothing by itself')
  }
  return {
    ...placement,
    options: undefined,
    flags: {},
    environment: 'production',
    runId: '20261122T140311Z-abcd',
    startedAt: '2026-11-22T14:03:11Z',
    actor: 'me@laptop',
    projectRoot: '/home/me/blog',
    signal: new AbortController().signal,
    dryRun: false,
    isUnchanged: false,
    anew: refuse,
    keptData: refuse,
    local: { run: refuse, probe: refuse, follow: refuse, watch: refuse },
    run: refuse,
    probe: refuse,
    follow: refuse,
    watch: refuse,
    progress: refuse,
    done: refuse,
    unchanged: refuse,
    warn: refuse,
    output: refuse,
    at: refuse,
    bridge: refuse,
    relay: refuse,
    reached: refuse,
    onRollback: refuse,
    hold: refuse,
    held: refuse,
    ran: refuse,
    proved: refuse,
    resume: refuse,
    wake: refuse,
    become: refuse,
    serving: refuse,
    lease: refuse,
    inside: refuse,
    rehearsal: refuse,
    endRehearsal: refuse,
    declared: { file: '/srv.config.ts', placements: [placement] },
    services: [placement.service],
    settings: undefined,
    state: { releases: [], running: 'unknown', healthy: 'unknown', drift: [] },
    ...more,
  }
}

/** The release that a deploy puts in place, with its folder made. */
export function nextAt(placement: Placement, id = '20261122T140311Z-3f9c2a1'): NonNullable<InstanceContext['next']> {
  const folder = join(placement.paths.instance, 'releases', id)
  mkdirSync(folder, { recursive: true })
  mkdirSync(placement.paths.state, { recursive: true })
  return { release: { id, commit: '3f9c2a1d' }, folder, directory: join(placement.paths.instance, 'current') }
}
