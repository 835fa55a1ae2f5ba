import { expect, test } from 'vitest'
import { http, process, systemd, tcp, type Answer, type Instance, type Verdict } from '../../../src/index.ts'
import { stockChecks } from '../../../tasks/checks.ts'
import { placementAt } from '../../integration/tasks/site.ts'

function verdicts(instance: Partial<Instance>, answer: Answer): readonly (readonly [string, Verdict])[] {
  const placement = placementAt('/srv', instance)
  return stockChecks.flatMap((check) =>
    check.on === 'once' || check.applies?.(placement, undefined) === false
      ? []
      : [[check.title, check.judge(answer, placement, undefined)] as const],
  )
}

const refused: Answer = { code: 1, stdout: 'deploy\n', stderr: '' }

test('nothing is asked of a host on which nothing runs', () => {
  expect(verdicts({}, refused)).toEqual([])
})

test('each refusal says what is wrong and what to do', () => {
  expect([
    ...verdicts({ start: systemd({ exec: 'app', user: 'app' }) }, refused),
    ...verdicts({ start: systemd({ exec: 'app', scope: 'user' }) }, refused).slice(1),
    ...verdicts({ start: process({ exec: 'app' }), health: [http(':1/'), tcp(':2')] }, refused),
  ]).toMatchInlineSnapshot(`
    [
      [
        "systemd",
        {
          "fix": "use start: process({ exec }) for this instance",
          "ok": false,
          "problem": "systemd is not running here",
        },
      ],
      [
        "root for system units",
        {
          "fix": "allow it with "deploy ALL=(ALL) NOPASSWD: ALL" in /etc/sudoers.d/srv, or use systemd({ scope: 'user' })",
          "ok": false,
          "problem": "deploy is not root and may not use sudo without a password",
        },
      ],
      [
        "user of the unit",
        {
          "fix": "create it: useradd --system app",
          "ok": false,
          "problem": "there is no user app",
        },
      ],
      [
        "the user's own systemd",
        {
          "fix": "run "loginctl enable-linger deploy" on the host as root",
          "ok": false,
          "problem": "the units of this user would end at logout",
        },
      ],
      [
        "setsid",
        {
          "fix": "install util-linux, which contains setsid",
          "ok": false,
          "problem": "nothing here can start a program that outlives the login session",
        },
      ],
      [
        "HTTP client for the health check",
        {
          "fix": "install curl on the host",
          "ok": false,
          "problem": "there is no program that can make an HTTP request",
        },
      ],
      [
        "TCP client for the health check",
        {
          "fix": "install bash on the host",
          "ok": false,
          "problem": "there is no program that can open a TCP connection",
        },
      ],
    ]
  `)
})

test('what was found is told', () => {
  const found = { code: 0, stdout: 'curl\n', stderr: '' }
  expect(verdicts({ health: [http(':1/')] }, found)).toEqual([
    ['HTTP client for the health check', { ok: true, found: 'curl' }],
  ])
})
