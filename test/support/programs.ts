import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import process, { env } from 'node:process'

/** Whether tests may not be skipped for what this machine lacks: then they fail, since a skipped one proves nothing. */
export const isRequired = env['SRV_LAB'] === 'required'

/** Whether file systems can be mounted, which only root can do, or have to be. */
export const mayMount = isRequired || process.getuid?.() === 0

function isThere(name: string): boolean {
  // Servers lie where the path of a person may not lead.
  return [...(env['PATH'] ?? '').split(delimiter), '/usr/sbin'].some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Whether this machine has some programs, or must have them. Node and git are all that `npm test` takes for granted. */
export function hasPrograms(...names: readonly string[]): boolean {
  return isRequired || names.every(isThere)
}
