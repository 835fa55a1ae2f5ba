import { defineTask, lines, quote, raw, sh, type InstanceContext, type Release, type Script } from '../src/index.ts'
import { inWholeSeconds } from './host/seconds.ts'
import { exportVariables, loadVariables, placeVariables, releaseVariables } from './host/variables.ts'

/** Each command is shown before it runs, and the first that fails ends the build. */
function commandsText(commands: readonly string[]): string {
  return commands.map((one) => `printf '%s\\n' ${quote(`$ ${one}`)}\nsh -ec ${quote(one)}`).join('\n')
}

/*
 * `end group`: TERM, three seconds, KILL. The text has no single quote in it, since a shell of its own reads it too.
 */
const end = `end() {
  kill -TERM "-$1" 2>/dev/null || return 0
  tries=0
  while [ "$tries" -lt 30 ] && kill -0 "-$1" 2>/dev/null; do tries=$((tries + 1)); sleep 0.1; done
  kill -KILL "-$1" 2>/dev/null || :
}`

/*
 * With a limit, the build runs in a session of its own, so that ending it ends everything that it started;
 * `timeout` of busybox ends one process only. srv's dead man's switch does not reach that session: a TERM is passed on.
 * The watch is a session too, and has no trap while it sleeps: dash may miss a signal that comes just before it waits.
 */
function limited(text: string, limitMs: number): Script {
  const seconds = inWholeSeconds(limitMs)
  const watch = `${end}\nsleep "$2"\ntrap : TERM\nend "$1"\nexit 1`
  return lines(
    raw(`session=setsid
command -v setsid >/dev/null || { session=; set -m; }`),
    raw(end),
    sh`$session sh -ec ${text} &`,
    raw(`build=$! code=0
trap 'end "$build"; exit 143' HUP INT TERM`),
    sh`$session sh -c ${watch} watch "$build" ${seconds} >/dev/null 2>&1 &`,
    raw(`watch=$!
wait "$build" || code=$?
kill -TERM "-$watch" 2>/dev/null || kill -TERM "$watch" 2>/dev/null || :
ended=0
wait "$watch" || ended=$?
if [ "$ended" = 1 ]; then`),
    sh`  echo ${`the build took longer than ${seconds} s and was stopped`} >&2`,
    raw(`  exit 124
fi
exit "$code"`),
  )
}

/** What is built, and where: the release that is being prepared, or, when an in-place change is undone, the previous one. */
function subject({ next, state, paths }: InstanceContext): { folder: string; release: Release } | undefined {
  if (next !== undefined) return next
  const { release, directory } = state
  return release !== undefined && directory === paths.instance ? { folder: directory, release } : undefined
}

function buildScript(context: InstanceContext): Script | undefined {
  const { environment, host, instance, paths } = context
  const what = subject(context)
  if (what === undefined) return undefined
  const { build: commands, buildTimeoutMs } = instance
  const text = commandsText(commands)
  return lines(
    sh`cd ${what.folder}`,
    exportVariables([...placeVariables({ host, instance, paths }), ...releaseVariables(environment, what.release)]),
    loadVariables('./.env'),
    buildTimeoutMs === undefined ? sh`sh -ec ${text}` : limited(text, buildTimeoutMs),
  )
}

/**
 * Runs the build commands of the config in the new release, before anything of it serves. What was deployed in place is
 * built again after an undo: the files that the build makes are not part of what git puts back.
 */
export const build = defineTask({
  title: 'Build',
  on: 'instance',
  reapply: true,
  applies: ({ instance }) => instance.build.length > 0,
  skip: ({ next }) => (next === undefined ? 'no release is being prepared' : undefined),
  describe: ({ instance }) => instance.build.join(' && '),
  explain: ({ code, stderr }) => (code === 124 ? /^the build took longer than .*$/m.exec(stderr)?.[0] : undefined),
  script: buildScript,
})
