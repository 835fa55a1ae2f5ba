import { lines, raw, sh, type Check, type Placement, type Supervisor, type Verdict } from '../src/index.ts'
import { findHttpClient } from './health/http.ts'
import { findDialler } from './health/tcp.ts'

const good: Verdict = { ok: true }

function isSystemd(placement: Placement, scope?: 'system' | 'user'): boolean {
  const { start } = placement.instance
  return start?.kind === 'systemd' && (scope === undefined || start.scope === scope)
}

function systemdOf({ instance }: Placement): Extract<Supervisor, { readonly kind: 'systemd' }> | undefined {
  return instance.start?.kind === 'systemd' ? instance.start : undefined
}

const systemdRuns: Check = {
  title: 'systemd',
  on: 'host',
  applies: (placement) => isSystemd(placement),
  probe: () => raw('command -v systemctl >/dev/null && [ -d /run/systemd/system ]'),
  judge: ({ code }) =>
    code === 0
      ? good
      : { ok: false, problem: 'systemd is not running here', fix: 'use start: process({ exec }) for this instance' },
}

const mayBeRoot: Check = {
  title: 'root for system units',
  on: 'host',
  applies: (placement) => isSystemd(placement, 'system'),
  probe: () =>
    raw('if [ "$(id -u)" = 0 ]; then echo root; else sudo -n true && echo sudo || { id -un; exit 1; }; fi 2>/dev/null'),
  judge: ({ code, stdout }) =>
    code === 0
      ? { ok: true, found: stdout.trim() }
      : {
          ok: false,
          problem: `${stdout.trim()} is not root and may not use sudo without a password`,
          fix: `allow it with "${stdout.trim()} ALL=(ALL) NOPASSWD: ALL" in /etc/sudoers.d/srv, or use systemd({ scope: 'user' })`,
        },
}

const mayLinger: Check = {
  title: "the user's own systemd",
  on: 'host',
  applies: (placement) => isSystemd(placement, 'user'),
  probe: () =>
    raw(`[ -e "/var/lib/systemd/linger/$(id -un)" ] || [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null ||
  pkcheck --action-id org.freedesktop.login1.set-self-linger --process $$ >/dev/null 2>&1 || { id -un; exit 1; }`),
  judge: ({ code, stdout }) =>
    code === 0
      ? good
      : {
          ok: false,
          problem: 'the units of this user would end at logout',
          fix: `run "loginctl enable-linger ${stdout.trim()}" on the host as root`,
        },
}

const unitUser: Check = {
  title: 'user of the unit',
  on: 'instance',
  applies: (placement) => isSystemd(placement, 'system') && systemdOf(placement)?.user !== undefined,
  probe: (placement) => sh`id -u ${systemdOf(placement)?.user ?? ''} >/dev/null 2>&1`,
  judge({ code }, placement) {
    const user = systemdOf(placement)?.user ?? ''
    return code === 0
      ? good
      : { ok: false, problem: `there is no user ${user}`, fix: `create it: useradd --system ${user}` }
  },
}

const ownSession: Check = {
  title: 'setsid',
  on: 'host',
  applies: ({ instance }) => instance.start?.kind === 'process',
  probe: () => raw('command -v setsid || command -v perl || command -v python3'),
  judge: ({ code, stdout }) =>
    code === 0
      ? { ok: true, found: stdout.trim() }
      : {
          ok: false,
          problem: 'nothing here can start a program that outlives the login session',
          fix: 'install util-linux, which contains setsid',
        },
}

const httpClient: Check = {
  title: 'HTTP client for the health check',
  on: 'host',
  applies: ({ instance }) => instance.health.some(({ kind }) => kind === 'http'),
  probe: () => lines(findHttpClient, raw('[ -n "$client" ] && echo "$client"')),
  judge: ({ code, stdout }) =>
    code === 0
      ? { ok: true, found: stdout.trim() }
      : { ok: false, problem: 'there is no program that can make an HTTP request', fix: 'install curl on the host' },
}

const dialler: Check = {
  title: 'TCP client for the health check',
  on: 'host',
  applies: ({ instance }) => instance.health.some(({ kind }) => kind === 'tcp'),
  probe: () => lines(findDialler, raw('[ -n "$dialler" ] && echo "$dialler"')),
  judge: ({ code, stdout }) =>
    code === 0
      ? { ok: true, found: stdout.trim() }
      : { ok: false, problem: 'there is no program that can open a TCP connection', fix: 'install bash on the host' },
}

/** What the stock tasks need of a host; asked before the first change anywhere. */
export const stockChecks: readonly Check[] = [
  systemdRuns,
  mayBeRoot,
  mayLinger,
  unitUser,
  ownSession,
  httpClient,
  dialler,
]
