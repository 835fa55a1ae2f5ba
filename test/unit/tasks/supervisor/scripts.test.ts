import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { command, process as processSupervisor, systemd, type Placement, type Script } from '../../../../src/index.ts'
import { unknownState } from '../../../../src/plugin/state.ts'
import { display } from '../../../../src/shell/script.ts'
import { health } from '../../../../tasks/health.ts'
import { inspectHealth, inspectRunning } from '../../../../tasks/inspect.ts'
import { logsScript } from '../../../../tasks/logs.ts'
import { restart, start } from '../../../../tasks/restart.ts'
import { stop } from '../../../../tasks/stop.ts'
import { contextAt, placementAt } from '../../../integration/tasks/site.ts'

const supervisors = {
  'a system unit': systemd({ exec: 'node server.js' }),
  "a user's unit": systemd({ exec: 'node server.js', scope: 'user' }),
  'a process': processSupervisor({ exec: 'node server.js' }),
  commands: command({ start: 'pm2 start app', stop: 'pm2 stop app', status: 'pm2 pid app', logs: 'pm2 logs' }),
  'one command': command({ start: 'pm2 start app' }),
}

function scriptsOf(placement: Placement): readonly (Script | undefined)[] {
  const known = contextAt(placement, {
    state: { releases: [], running: 'yes', healthy: 'yes', drift: [], directory: '/srv/blog/instances/native/current' },
  })
  return [known, contextAt(placement)].flatMap((context) => [
    restart.script?.(context),
    start.script?.(context),
    stop.script?.(context),
    health.script?.(context),
    inspectRunning.probe(placement, undefined, undefined),
    inspectHealth.probe(placement, undefined, undefined),
    logsScript(placement, { follow: true, lines: 5, since: '-1h' }),
  ])
}

describe.each(Object.entries(supervisors))('%s', (_name, supervisor) => {
  test('every script is one that a POSIX shell can read', () => {
    const scripts = scriptsOf(placementAt('/srv', { start: supervisor }))
    expect(scripts).not.toContain(undefined)
    for (const script of scripts) {
      if (script === undefined) continue
      const text = `( set -eu\n${display(script)}\n)`
      expect(execFileSync('/bin/sh', ['-n'], { input: text, encoding: 'utf8', stdio: 'pipe' })).toBe('')
    }
  })
})

test('what the plan says', () => {
  const said = Object.values(supervisors).map((supervisor) => {
    const context = contextAt(placementAt('/srv', { start: supervisor }))
    return [start, stop, restart].map((task) => task.describe?.(context))
  })
  expect(said).toEqual([
    ['start', 'stop', 'restart'].map((verb) => `${verb} srv-blog-native.service: node server.js`),
    ['start', 'stop', 'restart'].map((verb) => `${verb} srv-blog-native.service: node server.js`),
    ['start', 'stop', 'restart'].map((verb) => `${verb} node server.js`),
    ['pm2 start app', 'pm2 stop app', 'pm2 stop app; pm2 start app'],
    ['pm2 start app', 'there is no command to stop it', 'pm2 start app'],
  ])
})

test('what the supervisor said becomes state', () => {
  const placement = placementAt('/srv')
  const read = (stdout: string) =>
    inspectRunning.read({ code: 0, stdout, stderr: '' }, placement, undefined, unknownState)
  expect(read('running yes\ndrift a differs\ndrift b is not enabled\n')).toEqual({
    running: 'yes',
    drift: ['a differs', 'b is not enabled'],
  })
  expect(
    ['running no', 'running none', 'running starting', 'running unknown', ''].map((text) => read(text).running),
  ).toEqual(['no', 'none', 'no', 'unknown', 'unknown'])
})
