import { readdirSync, readFileSync } from 'node:fs'

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    // Gone by now, or a zombie.
    return []
  }
}

/** Process ids of what srv started for services below a folder: apps and builds know the service's data folder. */
export function processesBelow(folder: string): readonly number[] {
  const isBelow = (pid: string): boolean => environmentOf(pid).some((one) => one.startsWith(`SRV_DATA=${folder}/`))
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isBelow(name))
    .map(Number)
}

/** Ends all of them, and what one of them began meanwhile; one that has ended by itself is as good. */
export function endProcessesBelow(folder: string): void {
  for (let found = processesBelow(folder); found.length > 0; found = processesBelow(folder)) {
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // Gone already.
      }
    }
  }
}
