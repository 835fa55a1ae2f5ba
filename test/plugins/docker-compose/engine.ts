import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { settingsSchema } from '../../../plugins/docker-compose/options.ts'
import { siteOf, type Site } from '../../../plugins/docker-compose/scripts/prologue.ts'
import { quote, type Answer, type Script } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { testPlacement } from '../../../src/testing.ts'
import { folder, shellOf, write, type shells } from '../git/machine.ts'

/** Words that change something; what only asks is not told. */
const docker = `#!/bin/sh
cd "\${0%/*}/.."
verb=$1
case $verb in stop | start | rm | rename | unpause | logs | network) echo "$*" >> told ;; esac
[ "$verb" != rm ] || shift
shift
to() { awk -v ids=" $* " -v state="$state" 'index(ids, " " $1 " ") { $4 = state } { print }' ps > ps.new; mv ps.new ps; }
[ "$verb" != image ] || { verb=$1; shift; }
case $verb in
ps) cut -d ' ' -f 1-6 ps ;;
stop) state=exited; to "$@" ;;
start)
  for id in "$@"; do ! grep -q "^$id .* paused " ps || { echo 'cannot start a paused container' >&2; exit 1; }; done
  state=running
  to "$@" ;;
unpause) state=running; to "$@" ;;
rename) awk -v id="$1" -v name="$2" '$1 == id { $5 = name } { print }' ps > ps.new; mv ps.new ps ;;
rm) awk -v ids=" $* " '!index(ids, " " $1 " ")' ps > ps.new; mv ps.new ps ;;
logs) for last in "$@"; do :; done; [ ! -f "logs.$last" ] || cat "logs.$last" ;;
inspect)
  [ "$1" = -f ] || { echo "[$1]"; exit; }
  format=$2
  shift 2
  for id in "$@"; do
    case $format in
    '{{.Id}}') awk -v id="$id" '$1 == id { print $1 }' ps ;;
    '{{.State.ExitCode}}') cat "codes/$id" 2>/dev/null || echo 0 ;;
    '{{.RestartCount}}') awk -v id="$id" '$1 == id { print $7 + 0 }' ps ;;
    '{{.Id}} {{.State.Status}} '*) awk -v id="$id" '$1 == id { print id, $4, 0, "false", $7 + 0, "-", "limits-of-" id }' ps ;;
    '{{.Id}}{{"\\t"}}'*) awk -v id="$id" '$1 == id { print id "\\t/" $5 "\\t" ($4 == "running" ? "true" : "false") "\\t" $2 "\\t" ($9 == "" ? "default" : $9) "\\t" $8 ($10 == "" ? "" : "\\t" $10) }' ps ;;
    '{{.State.Running}} '*) awk -v id="$id" '$1 == id { print ($4 == "running" ? "true" : "false") }' ps ;;
    '{{.Id}} {{.State.StartedAt}} '*) awk -v id="$id" '$1 == id { print id, "1", ($4 == "running" ? "true" : "false"), ($9 == "" ? "default" : $9) }' ps ;;
    '{{.Id}} {{.State.StartedAt}}') grep -q "^$id " ps || exit 1; echo "$id 1" ;;
    '{{.Created}} {{.Id}} '*) awk -v id="$id" '$1 == id { print id, id, $2, "/" $5, $4, "-" }' ps ;;
    '{{.Id}} {{.HostConfig.NetworkMode}} '*) awk -v id="$id" '$1 == id { print id, ($9 == "" ? "default" : $9) }' ps ;;
    '{{$id := .Id}}'*) cat "networks.$id" 2>/dev/null || echo ;;
    '{{with index .Config.Labels'*) echo ;;
    '{{.State.Status}}') awk -v id="$id" '$1 == id { print $4; found = 1 } END { exit !found }' ps || exit 1 ;;
    '{{range .Mounts}}'*) awk -v id="$id" '$1 == id && $10 != "" { print "volume\t" $10 "\t/kept\ttrue" }' ps ;;
    '{{range $path'*) echo /kept ;;
    '{{.Id}} {{.RestartCount}}') awk -v id="$id" '$1 == id { print id, $7 + 0 }' ps ;;
    *) echo "unknown question: $format" >&2; exit 1 ;;
    esac
  done ;;
esac
`

/** Of `restart` and `up`, a line is told; the containers that it makes are in a file of the service, and take the place of those that are there. */
const compose = `#!/bin/sh
cd "\${0%/*}/../.."
last=
for word in "$@"; do [ "$word" != up ] || last=up; service=$word; done
case " $* " in *' restart '*) echo "restart \${*#* restart }" >> told ;; esac
[ "$last" = up ] || exit 0
told="up $service"
case "$*" in *--no-start*) told="make $service" ;; esac
for word in "$@"; do case $word in *over.json) told="$told over $(cat "$word")" ;; esac; done
echo "$told" >> told
case "$*" in *--force-recreate*) awk -v service="$service" '$2 != service' ps > ps.new; mv ps.new ps ;; esac
cat "made.$service" >> ps
`

/** What a host has. */
export interface Engine {
  /** Containers, a line each: id, service, digest, state, name, label of Compose, restarts, ports with commas, network, mount. */
  readonly ps: readonly string[]
  /** Files below the plugin's folder. */
  readonly files: Readonly<Record<string, string>>
  /** By service, the containers that Compose makes of it. */
  readonly made?: Readonly<Record<string, string>>
}

/**
 * A host with a Docker that knows containers by a list, for scripts that decide which of them are stopped, renamed, started and removed.
 * `told` is what Docker and Compose were told since the last time, `ps` the containers as they are.
 */
export async function engineOf(shell: (typeof shells)[number], { ps, files, made = {} }: Engine) {
  const run = await shellOf(shell)
  const base = await folder()
  const named = (prefix: string, all: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(all).map(([name, text]) => [`${prefix}${name}`, text]))
  const models = Object.fromEntries(
    Object.keys(files).flatMap((name) =>
      name.endsWith('/services') ? [[name.replace(/services$/, 'model.json'), '{\n}\n']] : [],
    ),
  )
  await write(base, {
    ps: ps.map((line) => `${line}\n`).join(''),
    told: '',
    'bin/docker': docker,
    'bin/sleep': '#!/bin/sh\n',
    '.docker/cli-plugins/docker-compose': compose,
    ...named('compose/', models),
    ...named('compose/', files),
    ...named('made.', made),
  })
  const placement = testPlacement({ service: 'shop', instance: { name: 'docker', kind: 'docker' } })
  const site: Site = siteOf(placement, settingsSchema.parse({}))
  const lines = async (name: string): Promise<readonly string[]> =>
    (await readFile(join(base, name), 'utf8')).split('\n').filter((line) => line !== '')
  return {
    base,
    site: { ...site, layout: { ...site.layout, compose: join(base, 'compose') } },
    run: async (script: Script): Promise<Answer> =>
      run(
        `chmod 755 ${quote(join(base, 'bin'))}/* ${quote(join(base, '.docker/cli-plugins/docker-compose'))}\nHOME=${quote(base)} PATH=${quote(join(base, 'bin'))}:$PATH\n${display(script)}`,
      ),
    told: async (): Promise<readonly string[]> => {
      const said = await lines('told')
      await write(base, { told: '' })
      return said
    },
    ps: (): Promise<readonly string[]> => lines('ps'),
  }
}
