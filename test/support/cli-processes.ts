import { readdirSync, readFileSync } from 'node:fs'

function partsOf(pid: string, file: 'cmdline' | 'environ'): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0')
  } catch {
    // Gone by now, or a zombie.
    return []
  }
}

function processesWith(file: 'cmdline' | 'environ', start: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && partsOf(name, file).some((one) => one.startsWith(start)))
    .map(Number)
}

/** Process ids of what srv started for services below a folder: apps and builds know the service's data folder. */
export function processesBelow(folder: string): readonly number[] {
  return processesWith('environ', `SRV_DATA=${folder}/`)
}

/** With what waits for one of them, in order to write down how it ended: its program is a file below the folder. */
function allBelow(folder: string): readonly number[] {
  return [...processesWith('cmdline', `${folder}/`), ...processesBelow(folder)]
}

/** Ends all of them, and what one of them began meanwhile; one that has ended by itself is as good. */
export function endProcessesBelow(folder: string): void {
  for (let found = allBelow(folder); found.length > 0; found = allBelow(folder)) {
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // Gone already.
      }
    }
  }
}
