import { defineTask, lines, quote, raw, sh, type InstanceContext, type Script } from '../src/index.ts'
import { inWholeSeconds } from './host/seconds.ts'
import { exportVariables, loadVariables, placeVariables, releaseVariables } from './host/variables.ts'

/** Each command is shown before it runs, and the first that fails ends the build. */
function commandsText(commands: readonly string[]): string {
  return commands.map((one) => `printf '%s\\n' ${quote(`$ ${one}`)}\nsh -ec ${quote(one)}`).join('\n')
}

/*
 * `timeout` runs the build in a process group of its own, which srv's dead man's switch does not reach: a TERM has to
 * be passed on. It gives the build ten seconds to end before KILL.
 */
function limited(text: string, limitMs: number): Script {
  const seconds = inWholeSeconds(limitMs)
  return lines(
    sh`timeout -k 10 ${seconds} sh -ec ${text} &`,
    raw(`build=$! code=0
trap 'kill -TERM "$build" 2>/dev/null || :' HUP INT TERM
wait "$build" || code=$?
if [ "$code" -gt 128 ]; then wait "$build" || :; fi
case $code in
0) ;;
124)`),
    sh`  echo ${`the build took longer than ${seconds} s and was stopped`} >&2; exit 124 ;;`,
    raw(`*) exit "$code" ;;
esac`),
  )
}

function buildScript({ environment, host, instance, paths, next }: InstanceContext): Script | undefined {
  if (next === undefined) return undefined
  const { build: commands, buildTimeoutMs } = instance
  const text = commandsText(commands)
  return lines(
    sh`cd ${next.folder}`,
    exportVariables([...placeVariables({ host, instance, paths }), ...releaseVariables(environment, next.release)]),
    loadVariables('./.env'),
    buildTimeoutMs === undefined ? sh`sh -ec ${text}` : limited(text, buildTimeoutMs),
  )
}

/** Runs the build commands of the config in the new release, before anything of it serves. */
export const build = defineTask({
  title: 'Build',
  on: 'instance',
  applies: ({ instance }) => instance.build.length > 0,
  skip: ({ next }) => (next === undefined ? 'no release is being prepared' : undefined),
  describe: ({ instance }) => instance.build.join(' && '),
  script: buildScript,
})
