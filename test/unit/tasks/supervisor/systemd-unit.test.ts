import { expect, test } from 'vitest'
import { systemd, type SystemdOptions } from '../../../../src/index.ts'
import { unitText, type SystemdSupervisor } from '../../../../tasks/supervisor/systemd-unit.ts'
import { placementAt } from '../../../integration/tasks/site.ts'

function unit(options: SystemdOptions, directory: string): string {
  const supervisor = systemd(options)
  if (supervisor.kind !== 'systemd') throw new Error('systemd() makes a systemd supervisor')
  const { before, user, after } = textOf(supervisor, directory)
  return [...before, ...(user === undefined ? [] : [`User=${user}`]), ...after].join('\n')
}

function textOf(supervisor: SystemdSupervisor, directory: string) {
  return unitText(placementAt('/srv', { start: supervisor }), supervisor, directory)
}

test('a system unit, in full', () => {
  const options = { exec: 'node server.js', user: 'app', service: ['MemoryMax=512M'] }
  expect(unit(options, '/srv/blog/instances/native/current')).toMatchInlineSnapshot(`
    "# Written by srv at each deploy: change srv.config.ts instead.
    [Unit]
    Description=blog/native
    Wants=network-online.target
    After=network-online.target

    [Service]
    Type=exec
    WorkingDirectory=/srv/blog/instances/native/current
    EnvironmentFile=-/srv/blog/.srv/native/run.env
    EnvironmentFile=-/srv/blog/instances/native/current/.env
    User=app
    ExecStart=/usr/bin/env sh -c "exec node server.js"
    Restart=on-failure
    RestartSec=2
    TimeoutStopSec=10s
    KillMode=control-group
    SyslogIdentifier=srv-blog-native
    MemoryMax=512M

    [Install]
    WantedBy=multi-user.target"
  `)
})

test('a unit of the user, with a name of its own and everything that systemd would read otherwise', () => {
  const exec = `cd sub && echo "100%" '$HOME' \\ $PORT`
  expect(unit({ exec, scope: 'user', unit: 'blog', stopTimeoutMs: 1500 }, '/home/me/my 100% srv/blog/instances/native'))
    .toMatchInlineSnapshot(`
    "# Written by srv at each deploy: change srv.config.ts instead.
    [Unit]
    Description=blog/native

    [Service]
    Type=exec
    WorkingDirectory=/home/me/my 100%% srv/blog/instances/native
    EnvironmentFile=-/srv/blog/.srv/native/run.env
    EnvironmentFile=-/home/me/my 100%% srv/blog/instances/native/.env
    ExecStart=/usr/bin/env sh -c "cd sub && echo \\"100%%\\" '$$HOME' \\\\ $$PORT"
    Restart=on-failure
    RestartSec=2
    TimeoutStopSec=1500ms
    KillMode=control-group
    SyslogIdentifier=blog

    [Install]
    WantedBy=default.target"
  `)
})

test('the default user is left to the host', () => {
  const supervisor = systemd({ exec: 'node server.js' })
  expect(supervisor.kind === 'systemd' ? textOf(supervisor, '/srv').user : 'none').toBe(undefined)
})
