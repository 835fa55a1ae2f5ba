import { mkdirSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { PluginOfRun } from '../../../../src/run/plugin-of-run.ts'
import { lines, raw, sh, type Script } from '../../../../src/shell/script.ts'
import { fleet, type Fleet } from '../../../support/fleet.ts'
import { shellTask } from '../../../support/shell-task.ts'

/** A run of two instances of one service, with a plugin that has something to bring to an end. */
function withFinish(text: Script, hosts: readonly string[] = ['web1']): Fleet {
  const plugin: PluginOfRun = {
    name: 'p',
    options: {},
    checks: [{ title: 'seen', on: 'host', probe: () => raw('cat log'), judge: () => ({ ok: true }) }],
    finish: ({ service }, run) => lines(sh`echo finish ${service.name} ${run} >>log`, text),
  }
  return fleet(['t'], {
    hosts,
    instances: ['blog/one', 'blog/two'],
    tasks: { t: shellTask('echo step >>log') },
    plugins: [plugin],
    lease: true,
  })
}

test('what a dead run left comes to an end once for a service, before anything else, and is told', async () => {
  const run = withFinish(raw('echo put back; echo and started'))
  expect((await run.run()).exitCode).toBe(0)
  expect(run.file('web1', 'log')).toBe('finish blog 20261122T140311Z-1f3a\nstep\nstep\n')
  expect(run.events.filter(({ type }) => type === 'warning')).toEqual([
    { type: 'warning', host: 'web1', message: 'blog: put back' },
    { type: 'warning', host: 'web1', message: 'blog: and started' },
  ])
})

test('what cannot be brought to an end ends the run, and nothing is asked or done', async () => {
  const run = withFinish(raw('echo "the database is gone." >&2; exit 3'))
  const { exitCode, errors } = await run.run()
  expect([exitCode, errors.map(({ message }) => message)]).toEqual([
    9,
    [
      'A run that died left blog on web1 half done, and what it left could not be completed or undone: the database is gone. Nothing else was changed.',
    ],
  ])
  expect(run.story()).toEqual(['end refused 9'])
  expect(run.file('web1', 'blog/.srv/lease/run')).toBeUndefined()
})

test('a run inside another one, which lives, brings nothing of it to an end', async () => {
  const run = withFinish(raw(':'))
  const lease = join(run.root, 'web1/blog/.srv/lease')
  mkdirSync(lease, { recursive: true })
  const beat = String(Math.floor(uptime()))
  const files = { run: '20261122T140311Z-1f3a', phase: 'held', owner: '{}', beat }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(lease, name), `${text}\n`)
  expect((await run.run()).exitCode).toBe(0)
  expect(run.file('web1', 'log')).toBe('step\nstep\n')
})

/** Looks until something is so; only the interval of the signs of life is a fake. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10))
}

test('while one host takes long, the leases of the others stay alive, and are not yet said to be held', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  try {
    const slow = raw('case $PWD in */web1) until [ -e go ]; do sleep 0.05; done ;; esac')
    const run = withFinish(slow, ['web1', 'web2'])
    const beat = (host: string): string | undefined => run.file(host, 'blog/.srv/lease/beat')?.trim()
    const path = (host: string): string => join(run.root, host, 'blog/.srv/lease/beat')
    const ended = run.run()
    await until(() => run.file('web1', 'log') !== undefined && run.file('web2', 'log') !== undefined)
    const hosts = ['web1', 'web2']
    for (const host of hosts) writeFileSync(path(host), `${String(Math.floor(uptime()) - 30)}\n`)
    const old = hosts.map(beat)
    // The lease is there before this process has heard of it.
    await until(() => {
      vi.advanceTimersByTime(15_000)
      return hosts.every((host, index) => beat(host) !== old[index])
    })
    expect(hosts.map((host) => run.file(host, 'blog/.srv/lease/phase'))).toEqual(['taking\n', 'taking\n'])
    writeFileSync(join(run.root, 'web1/go'), '')
    expect((await ended).exitCode).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})
