import type { ExecOptions, LogOptions, Script } from '../../src/index.ts'
import { execScript, logsScript, psScript } from './scripts/ask.ts'
import type { Site } from './scripts/prologue.ts'
import { stackExecScript, stackLogsScript, stackPsScript } from './swarm/ask.ts'

/** What `srv logs` prints of an instance. */
export function logs(site: Site, options: LogOptions): Script {
  return site.role === 'alone' ? logsScript(site, options) : stackLogsScript(site, options)
}

/** What `srv ps` prints of an instance. */
export function ps(site: Site): Script {
  return site.role === 'alone' ? psScript(site) : stackPsScript(site)
}

/** Runs a command inside a service of an instance, for `srv exec --in` and for tasks. */
export function exec(site: Site, service: string, words: readonly string[], options: ExecOptions = {}): Script {
  return site.role === 'alone'
    ? execScript(site, service, words, options)
    : stackExecScript(site, service, words, options)
}
