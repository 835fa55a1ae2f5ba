import type { NextRelease } from '../../../src/index.ts'
import type { Situation } from '../../../src/testing.ts'

/** The release that is being put in place. */
export const next: NextRelease = {
  release: { id: '20261122T140311Z-3f9c2a1', commit: '3f9c2a1'.padEnd(40, '0'), ref: 'main' },
  folder: '/srv/shop/instances/docker/releases/20261122T140311Z-3f9c2a1',
  directory: '/srv/shop/instances/docker/current',
  digest: 'd',
}

/** The release that serves. */
export const before = '20261121T090000Z-aaaaaaa'

/** A docker instance `shop/docker@web1` that is deployed for the second time. */
export function shop(more: Situation = {}): Situation {
  return {
    service: 'shop',
    next,
    state: { release: { id: before }, releases: [{ id: before }], running: 'yes' },
    ...more,
    instance: { name: 'docker', kind: 'docker', ...more.instance },
  }
}

/** Everything that an instance can say. */
export const everything = {
  files: ['compose.yaml', 'deploy/production.yaml'],
  profiles: ['web', 'jobs'],
  envFiles: ['deploy/production.env'],
  project: 'shop-production',
  platform: 'linux/amd64',
  pull: 'always',
  overlap: ['worker'],
  proxy: {
    web: { kind: 'nginx', port: 8000 },
    api: { kind: 'caddy', port: 9000, snippet: 'api', file: '/etc/caddy/api.caddy' },
    admin: { kind: 'labels' },
    mail: { kind: 'labels', drain: ['touch', '/dev/shm/leaving'] },
  },
  keep: 2,
  monitorMs: 20_000,
  timeoutMs: 60_000,
  drainMs: 1500,
} as const
