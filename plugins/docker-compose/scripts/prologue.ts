import { lines, raw, sh, type Placement, type Release, type Script } from '../../../src/index.ts'
import { layoutOf, type Layout } from '../layout.ts'
import type { Settings } from '../options.ts'
import { roleOf, type Role } from '../place.ts'

/** What every script of the plugin is made for. */
export interface Site {
  readonly layout: Layout
  readonly settings: Settings
  /** Variables that compose files may use: they say where the instance is. */
  readonly variables: readonly (readonly [name: string, value: string])[]
  readonly role: Role
  /** Ids of containers that are to be replaced although they are of the release: somebody changed them. */
  readonly changed?: readonly string[]
  /** Whether the run that put the release in place which serves is known to have come to its end. */
  readonly isThrough?: boolean
  /** On the operator's machine, where the user's own choice of an engine counts. */
  readonly isHere?: boolean
}

/** The instance of a task or probe; a release adds the variables that name it. */
export function siteOf(
  placement: Placement | Pick<Placement, 'host' | 'service' | 'instance' | 'paths'>,
  settings: Settings,
  release?: Release,
): Site {
  const { host, instance, paths } = placement
  return {
    layout: layoutOf(placement, settings),
    settings,
    role: roleOf(placement),
    variables: [
      ['SRV_SERVICE', instance.service],
      ['SRV_INSTANCE', instance.name],
      ['SRV_HOST', host.name],
      ['SRV_DATA', paths.data],
      ...(release === undefined
        ? []
        : ([
            ['SRV_RELEASE', release.id],
            ['SRV_COMMIT', release.commit ?? ''],
          ] as const)),
    ],
  }
}

/*
 * Compose itself, where docker would look for it and in that order: started by docker it takes three processes and twice as
 * long. What docker alone can find, in a folder that its settings name, docker is left to find.
 */
const findPlugin = raw(`plugin=
if ! grep -qs cliPluginsExtraDirs "\${HOME:-/}/.docker/config.json"; then
  for place in "\${HOME:-/}/.docker" /usr/local/lib/docker /usr/local/libexec/docker /usr/lib/docker /usr/libexec/docker; do
    [ -n "$plugin" ] || [ ! -x "$place/cli-plugins/docker-compose" ] || plugin=$place/cli-plugins/docker-compose
  done
fi`)

/**
 * Names the folders, and how docker is called: with nothing of the caller's environment in which COMPOSE_FILE or
 * DOCKER_HOST could change what a command touches, and with nothing on standard input, which is what keeps Compose from
 * asking whether a volume with data in it may be made anew; `call` and `fed` hand on the input of the text around them.
 * On the operator's machine a build may ask the agent there for keys. Attestations would give equal builds unequal ids (docker/compose#13636). A frozen model has nothing left to fill in: an
 * `.env` in a checkout must not be read any more.
 */
export function prologue({ layout, variables, settings: { platform }, changed = [], isHere = false }: Site): Script {
  const chosen = raw(
    isHere
      ? ' DOCKER_HOST="${DOCKER_HOST:-}" DOCKER_CONTEXT="${DOCKER_CONTEXT:-}" DOCKER_CONFIG="${DOCKER_CONFIG:-$HOME/.docker}" SSH_AUTH_SOCK="${SSH_AUTH_SOCK:-}"'
      : '',
  )
  const given = [
    ...variables.map(([name, value]) => `${name}=${value}`),
    ...(platform === undefined ? [] : [`DOCKER_DEFAULT_PLATFORM=${platform}`]),
  ]
  return lines(
    sh`instance=${layout.instance}`,
    sh`data=${layout.data}`,
    sh`compose=${layout.compose}`,
    sh`project=${layout.project}`,
    sh`images=${layout.images}`,
    ...(changed.length === 0 ? [] : [sh`changed=${changed.join(' ')}`]),
    raw(`tab=$(printf '\\t')
fail() { printf '%s\\n' "$1" >&2; exit 1; }`),
    isHere ? raw('plugin=') : findPlugin,
    sh`clean() { env -i HOME="\${HOME:-/}" PATH="$PATH" XDG_RUNTIME_DIR="\${XDG_RUNTIME_DIR:-}" LC_ALL=C COMPOSE_ANSI=never BUILDX_NO_DEFAULT_ATTESTATIONS=1${chosen} ${given} "$@"; }`,
    raw(`call() {
  if [ "$1" = compose ] && [ -n "$plugin" ]; then shift; clean "$plugin" "$@"; else clean docker "$@"; fi
}
engine() { call "$@" </dev/null; }
fed() { call compose --project-directory "$instance" --env-file /dev/null -p "$project" -f "$compose/$id/model.json" "$@"; }
frozen() { fed "$@" </dev/null; }`),
  )
}
