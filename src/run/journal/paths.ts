import { join } from 'node:path'

/** Where the runs of a project are kept: one folder a run, named by its id. */
export function runsFolder(projectRoot: string): string {
  return join(projectRoot, '.srv', 'runs')
}

/** Whether a name is that of a run: anything else in the folder is somebody else's, and is never touched. */
export function isRunId(name: string): boolean {
  return /^\d{8}T\d{6}Z-[0-9a-f]{4}$/.test(name)
}

/** The files of a run, besides one `<host>.log` per host. */
export const runFiles = { record: 'run.json', events: 'events.jsonl' } as const

/** The log of one host, or of the operator's machine under the name `local`. */
export function logFile(host: string): string {
  return `${host}.log`
}
