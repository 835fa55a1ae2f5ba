import { lines, raw, type Check, type Placement } from '../../src/index.ts'
import { settingsSchema, type Options, type Settings } from './options.ts'
import { roleOf } from './place.ts'
import { prologue, siteOf } from './scripts/prologue.ts'

type ComposeCheck = Check<Options, Settings>

/** Room for images, in KiB: less than that is a full disk. */
const leastKibibytes = 200 * 1024

const engine: ComposeCheck = {
  title: 'Docker engine',
  on: 'host',
  kinds: ['docker'],
  probe: (placement, settings) =>
    lines(
      prologue(siteOf(placement, settings)),
      raw(`command -v docker >/dev/null || exit 127
id -un
engine version --format '{{.Server.Version}}' 2>&1`),
    ),
  judge({ code, stdout }) {
    const [user = '', said = ''] = stdout.split('\n')
    if (code === 0) return { ok: true, found: said }
    if (code === 127) {
      return {
        ok: false,
        problem: 'docker is not installed',
        fix: 'Install Docker: https://docs.docker.com/engine/install/',
      }
    }
    return /permission denied/i.test(stdout)
      ? {
          ok: false,
          problem: `${user} may not use Docker`,
          fix: `On the host, as root: usermod -aG docker ${user}; it holds from the next log-in on.`,
        }
      : {
          ok: false,
          problem: `the Docker engine does not answer: ${said}`,
          fix: 'Start it on the host: systemctl start docker',
        }
  },
}

/** What is wrong with a host whose docker has no Compose of its own; `alone` is the version of a program docker-compose. */
function withoutPlugin(alone: string | undefined): string {
  if (alone === undefined) return 'Docker Compose is not installed'
  return /^v?[2-9]/.test(alone)
    ? `docker-compose ${alone} is there, but docker does not know it as its plugin`
    : `there is only docker-compose ${alone || 'v1'}, which ended in 2023`
}

const compose: ComposeCheck = {
  title: 'Docker Compose',
  on: 'host',
  kinds: ['docker'],
  probe: (placement, settings) =>
    lines(
      prologue(siteOf(placement, settings)),
      raw(`command -v docker >/dev/null || { echo none; exit 0; }
engine compose version --short 2>/dev/null || { command -v docker-compose >/dev/null && echo "alone $(docker-compose version --short </dev/null 2>/dev/null)"; exit 1; }`),
    ),
  judge({ code, stdout }) {
    const version = stdout.trim()
    // Without docker itself, the check before this has said so.
    if (version === 'none') return { ok: true }
    const major = Number(/^v?(\d+)/.exec(version)?.[1] ?? 0)
    if (code === 0 && major >= 2) return { ok: true, found: version }
    return {
      ok: false,
      problem: withoutPlugin(/^alone(?: (.*))?$/.exec(version)?.[1]),
      fix: 'Install the package docker-compose-plugin (from Docker), docker-compose-v2 (Ubuntu) or docker-compose (Debian 13).',
    }
  },
}

const space: ComposeCheck = {
  title: 'room for images',
  on: 'host',
  kinds: ['docker'],
  probe: (placement, settings) =>
    lines(
      prologue(siteOf(placement, settings)),
      raw(`command -v docker >/dev/null || exit 0
root=$(engine info --format '{{.DockerRootDir}}' 2>/dev/null) || exit 0
echo "$root"
LC_ALL=C df -Pk "$root" 2>/dev/null | tail -n 1`),
    ),
  judge({ stdout }) {
    const [root = '', line = ''] = stdout.split('\n')
    const free = Number(line.trim().split(/\s+/).at(-3))
    if (line === '' || !Number.isFinite(free)) return { ok: true }
    const mebibytes = String(Math.floor(free / 1024))
    return free < leastKibibytes
      ? {
          ok: false,
          problem: `${root} has only ${mebibytes} MiB left on its disk`,
          fix: 'Free some space on the host: docker image ls shows what takes it.',
        }
      : { ok: true, found: `${mebibytes} MiB` }
  },
}

const swarm: ComposeCheck = {
  title: 'Docker Swarm',
  on: 'host',
  kinds: ['docker'],
  applies: (placement) => roleOf(placement) !== 'alone',
  probe: (placement, settings) =>
    lines(
      prologue(siteOf(placement, settings)),
      raw(`command -v docker >/dev/null || exit 0
engine info -f '{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}' 2>/dev/null`),
    ),
  judge({ stdout }, placement) {
    const [state = '', control = ''] = stdout.trim().split(' ')
    const isManager = roleOf(placement) === 'manager'
    if (state === '' || (state === 'active' && (!isManager || control === 'true'))) return { ok: true }
    return state === 'active'
      ? {
          ok: false,
          problem: `${placement.host.name} is a worker of the swarm, and is to manage it`,
          fix: 'On a manager: docker node promote, or name a manager in the config: orchestrator: swarm({ manager }).',
        }
      : {
          ok: false,
          problem: `its engine is in no swarm: it is ${state}`,
          fix: isManager
            ? 'On the host: docker swarm init --advertise-addr <its address>; then docker swarm join on the others.'
            : 'On the manager: docker swarm join-token worker; then run on this host what that prints.',
        }
  },
}

const here: ComposeCheck = {
  title: 'Docker Compose on this machine',
  on: 'once',
  async check(context) {
    const builds = ({ instance }: Placement): boolean =>
      instance.kind === 'docker' && settingsSchema.parse(context.settings(instance)).build === 'laptop'
    if (!context.placements.some(builds)) return { ok: true }
    const { end, stdout, stderr } =
      await context.probe`docker version --format '{{.Server.Version}}' && docker compose version --short`
    if (end.kind === 'exit' && end.code === 0) return { ok: true, found: stdout.trim().replace('\n', ', Compose ') }
    const fix = 'Install Docker and its Compose plugin here, or build on the hosts: `compose: { build: "host" }`.'
    return {
      ok: false,
      problem: `images are to be built here, and Docker says: ${stderr.trim().split('\n')[0] ?? ''}`,
      fix,
    }
  },
}

/** What has to be right on a host before the first change. */
export const checks: readonly ComposeCheck[] = [here, engine, compose, swarm, space]
