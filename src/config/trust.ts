import { readFile, realpath, stat } from 'node:fs/promises'
import { getgid, getuid } from 'node:process'

/**
 * Whether nobody but the user is in the group. Ubuntu and Fedora give each user such a group and a umask of 002, so that
 * every file of a checkout is writable by it; that is as safe as writable only by the user.
 */
async function isPrivateGroup(gid: number): Promise<boolean> {
  if (gid !== getgid?.()) return false
  try {
    const groups = (await readFile('/etc/group', 'utf8')).split('\n').map((line) => line.split(':'))
    const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
    const group = groups.find(([, , id]) => id === String(gid))
    const primary = users.filter(([, , , id]) => id === String(gid)).map(([name]) => name)
    const members = (group?.[3] ?? '').split(',').filter((member) => member !== '')
    const [owner] = primary
    return group !== undefined && primary.length === 1 && members.every((member) => member === owner)
  } catch {
    return false
  }
}

/**
 * Why a file must not be run as a config, or nothing when it may be: running it is running code, so nobody but the user
 * and root may be able to change it.
 */
export async function distrust(file: string): Promise<string | undefined> {
  const { uid, gid, mode } = await stat(await realpath(file))
  const user = getuid?.()
  if (user !== undefined && uid !== user && uid !== 0) return `it belongs to another user (uid ${String(uid)})`
  if ((mode & 0o002) !== 0) return 'everybody on this machine can write to it'
  if ((mode & 0o020) !== 0 && !(await isPrivateGroup(gid))) return `its group (gid ${String(gid)}) can write to it`
  return undefined
}
