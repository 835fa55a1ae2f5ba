import { lines, raw, sh, type Check, type Placement, type Script } from '../../src/index.ts'
import { settingsSchema, type Options, type Settings } from './options.ts'
import { asProject, roleOf } from './place.ts'
import { formerScript } from './scripts/former.ts'
import { prologue, siteOf } from './scripts/prologue.ts'
import { rightsScript } from './scripts/proxy.ts'

type ComposeCheck = Check<Options, Settings>

/** Room for images, in KiB: less than that is a full disk. */
const leastKibibytes = 200 * 1024

/** How many files the disk has to have room for: an image may contain as many, whatever their size. */
const leastFiles = 10_000

/** What an engine says of itself and of docker's plugins, a fact a line with its kind in front. */
const facts = `engine {{.ServerVersion}}
swarm {{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}
root {{.DockerRootDir}}
{{range .ClientInfo.Plugins}}{{if eq .Name "compose"}}compose {{.Version}}
{{end}}{{end}}`

/*
 * One text for all checks, which core runs once: each start of docker costs a tenth of a second, and `docker info` alone
 * knows everything. What it leaves out when something is wrong is asked separately then.
 */
function probe(placement: Placement, settings: Settings): Script {
  return lines(
    prologue(siteOf(placement, settings)),
    raw(`command -v docker >/dev/null || { echo none; exit 0; }
echo "user $(id -un)"`),
    sh`found=$(engine info --format ${facts} 2>/dev/null) || found=`,
    raw(`case $found in
'engine '[0-9]*) ;;
*)
  if version=$(engine version --format '{{.Server.Version}}' 2>&1); then found="engine $version"; else echo "broken $(printf '%s' "$version" | tr '\\n' ' ')"; found=; fi
  if version=$(engine compose version --short 2>/dev/null); then printf 'compose %s\\n' "$version"; fi ;;
esac
printf '%s\\n' "$found"
if ! printf '%s\\n' "$found" | grep -q '^compose ' && command -v docker-compose >/dev/null; then
  echo "alone $(docker-compose version --short </dev/null 2>/dev/null)"
fi
root=$(printf '%s\\n' "$found" | sed -n 's/^root //p')
[ -z "$root" ] || LC_ALL=C df -Pk "$root" 2>/dev/null | sed -n '$s/^/disk /p'
[ -z "$root" ] || LC_ALL=C df -Pi "$root" 2>/dev/null | sed -n '$s/^/inodes /p'`),
  )
}

/** The words of the first fact of a kind. */
function fact(stdout: string, kind: string): string | undefined {
  const line = stdout.split('\n').find((one) => one === kind || one.startsWith(`${kind} `))
  return line?.slice(kind.length).trim()
}

const engine: ComposeCheck = {
  title: 'Docker engine',
  on: 'host',
  kinds: ['docker'],
  probe,
  judge({ stdout }) {
    const version = fact(stdout, 'engine')
    if (version !== undefined) return { ok: true, found: version }
    if (fact(stdout, 'none') !== undefined) {
      return {
        ok: false,
        problem: 'docker is not installed',
        fix: 'Install Docker: https://docs.docker.com/engine/install/',
      }
    }
    const user = fact(stdout, 'user') ?? ''
    const said = fact(stdout, 'broken') ?? ''
    return /permission denied/i.test(said)
      ? {
          ok: false,
          problem: `${user} may not use Docker`,
          fix: `On the host, as root: usermod -aG docker ${user}; it takes effect at the next login.`,
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
  probe,
  judge({ stdout }) {
    // A missing docker is reported by the check before this.
    if (fact(stdout, 'none') !== undefined) return { ok: true }
    const version = fact(stdout, 'compose')
    const major = Number(/^v?(\d+)/.exec(version ?? '')?.[1] ?? 0)
    if (version !== undefined && major >= 2) return { ok: true, found: version }
    return {
      ok: false,
      problem: withoutPlugin(fact(stdout, 'alone')),
      fix: 'Install the package docker-compose-plugin (from Docker), docker-compose-v2 (Ubuntu) or docker-compose (Debian 13).',
    }
  },
}

const space: ComposeCheck = {
  title: 'room for images',
  on: 'host',
  kinds: ['docker'],
  probe,
  judge({ stdout }) {
    const free = Number(fact(stdout, 'disk')?.split(/\s+/).at(-3))
    const [files, , freeFiles] = fact(stdout, 'inodes')?.split(/\s+/).slice(-5).map(Number) ?? []
    const root = fact(stdout, 'root') ?? ''
    const fix = 'Free some space on the host: docker image ls shows what takes it.'
    const mebibytes = String(Math.floor(free / 1024))
    if (free < leastKibibytes) return { ok: false, problem: `${root} has only ${mebibytes} MiB left on its disk`, fix }
    // A file system that makes inodes as they are needed says that it has none.
    if (files !== undefined && files > 0 && freeFiles !== undefined && freeFiles < leastFiles)
      return {
        ok: false,
        problem: `${root} has room for only ${String(freeFiles)} more files on its disk: it is running out of inodes`,
        fix,
      }
    return Number.isFinite(free) ? { ok: true, found: `${mebibytes} MiB` } : { ok: true }
  },
}

const swarm: ComposeCheck = {
  title: 'Docker Swarm',
  on: 'host',
  kinds: ['docker'],
  applies: (placement) => roleOf(placement) !== 'alone',
  probe,
  judge({ stdout }, placement) {
    const [state = '', control = ''] = fact(stdout, 'swarm')?.split(' ') ?? []
    const isManager = roleOf(placement) === 'manager'
    if (state === '' || (state === 'active' && (!isManager || control === 'true'))) return { ok: true }
    return state === 'active'
      ? {
          ok: false,
          problem: `${placement.host.name} is a worker of the swarm, but is meant to manage it`,
          fix: 'On a manager: docker node promote, or name a manager in the config: orchestrator: swarm({ manager }).',
        }
      : {
          ok: false,
          problem: `its engine is not in a swarm: it is ${state}`,
          fix: isManager
            ? 'On the host: docker swarm init --advertise-addr <its address>; then docker swarm join on the others.'
            : 'On the manager: docker swarm join-token worker; then run on this host the command that it prints.',
        }
  },
}

const proxies: ComposeCheck = {
  title: 'rights on the proxy',
  on: 'instance',
  kinds: ['docker'],
  applies: (_placement, { proxy }) => Object.values(proxy).some(({ kind }) => kind !== 'labels'),
  probe(placement, settings) {
    const site = siteOf(placement, settings)
    return lines(prologue(site), rightsScript(site))
  },
  judge({ stdout }) {
    const command = fact(stdout, 'closed')
    if (command === undefined) return { ok: true }
    return {
      ok: false,
      problem: `the login user is not root, and may not run this without a password: sudo ${command}`,
      fix: 'Log in as root, or allow it in /etc/sudoers.d/ with NOPASSWD.',
    }
  },
}

const former: ComposeCheck = {
  title: 'project of Compose',
  on: 'instance',
  kinds: ['docker'],
  probe: (placement, settings) => formerScript(siteOf(placement, settings)),
  judge({ stdout }, placement, settings) {
    const [project, kind] = fact(stdout, 'former')?.split(' ') ?? []
    if (project === undefined) return { ok: true }
    const site = siteOf(placement, settings)
    const [was, is] = [asProject(project, kind !== 'alone'), asProject(site.layout.project, site.role !== 'alone')]
    const remove = kind === 'alone' ? `docker compose -p ${project} down` : `docker stack rm ${project}`
    return {
      ok: false,
      problem: `${placement.instance.id} runs as ${was}, and the config says now that it is ${is}: both would run`,
      fix: `Stop it with the config of before, by srv stop, or on ${kind === 'alone' ? 'the host' : 'a manager'}: ${remove}. Its volumes stay, and have the name of the project. Or put the config back.`,
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
export const checks: readonly ComposeCheck[] = [here, engine, compose, swarm, former, proxies, space]
