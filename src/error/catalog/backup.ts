import { entry } from '../entry.ts'

/** The data of a service on a host, and where its snapshots are: `web1:/tank/srv/web1/shop`. */
export interface Kept {
  readonly service: string
  readonly host: string
  readonly where: string
}

/** 640 to 649, 656 to 659, 664 and 669: snapshots of data, and restores from them. */
export const backup = {
  'SRV-640': entry<Kept & { readonly problem: string; readonly cause?: 'unmounted' | 'full' }>({
    message: ({ service, host, where, problem }) =>
      `The data of ${service} on ${host} could not be copied to ${where}: ${problem}. No snapshot was made there; older ones are unchanged.`,
    hint: ({ service, cause }) => {
      if (cause === 'unmounted') {
        return `Mount it there, then: srv backup <environment> ${service}. If it need not be a mount point, take \`mountpoint\` out of the config.`
      }
      if (cause === 'full') {
        return `To see which older snapshots \`keep\` would remove: srv prune <environment> ${service} --dry-run. To remove what failed runs have copied so far: srv prune <environment> ${service} --unfinished. Otherwise that disk needs more room.`
      }
      return `\`-v\` shows the output of rsync. The next run reuses what was copied so far; to remove it: srv prune <environment> ${service} --unfinished`
    },
    exitCode: 10,
  }),
  'SRV-641': entry<Kept & { readonly id: string; readonly note: string }>({
    message: ({ service, host, where, id, note }) =>
      `The snapshot ${id} of ${service} on ${host}, in ${where}, is suspect: it has ${note}. It was kept, and no older snapshot was removed.`,
    hint: ({ service, host }) =>
      `Check the data of ${service} on ${host}. If that much was removed, or is not mounted any more, on purpose: srv backup <environment> ${service} --allow-shrunk`,
    exitCode: 10,
  }),
  'SRV-642': entry<Kept & { readonly id: string; readonly count: number }>({
    message: ({ service, host, where, id, count }) =>
      `The snapshot ${id} of ${service} on ${host}, in ${where}, has changed since it was made: ${count} ${count === 1 ? 'difference' : 'differences'}.`,
    hint: ({ where, id }) =>
      `The lines above name each file. Restore from another snapshot, or with --path what none of them is about, and check the disk that holds this one. To take all of it as it is now, without srv: rsync -aHAX --numeric-ids ${where}/${id}/data/ <folder>, with -M--fake-super where the keeper's user is not root.`,
    exitCode: 10,
  }),
  'SRV-643': entry<Kept & { readonly wanted: string }>({
    message: ({ service, host, where, wanted }) => `There is no ${wanted} of ${service} on ${host} in ${where}.`,
    hint: ({ service }) => `srv snapshots <environment> ${service}`,
    exitCode: 10,
  }),
  'SRV-644': entry<{
    readonly service: string
    readonly host: string
    readonly id: string
    readonly newer: string
    /** Only names in it came, went or changed. */
    readonly isFolder: boolean
    /** Found in the switch, when the snapshot had been brought. */
    readonly isLate?: boolean
  }>({
    message({ service, host, id, newer, isFolder, isLate = false }) {
      const how = isFolder
        ? `something was removed from ${newer}, added to it or renamed in it`
        : `${newer} was written since`
      return isLate
        ? `The data of ${service} on ${host} changed while the snapshot ${id} was brought: ${how}, and a restore would undo that. The data was left as it was, and what ran runs.`
        : `The data of ${service} on ${host} changed after the snapshot ${id} was begun: ${how}, and a restore would undo that. Nothing was changed.`
    },
    hint: ({ service, host }) =>
      `To restore anyway: --confirm ${service}@${host}. The data of now is kept beside it, as data.before-…. Or restore only a part, with --path, or to a folder, with --to.`,
    exitCode: 9,
  }),
  'SRV-645': entry<{ readonly service: string; readonly host: string; readonly problem: string }>({
    message: ({ service, host, problem }) =>
      `The data of ${service} on ${host} could not be restored: ${problem}. The previous data is still in use.`,
    hint: () => '`-v` shows all output. Check that the host has room for a second copy of the data.',
    exitCode: 10,
  }),
  'SRV-659': entry<{
    readonly service: string
    readonly host: string
    readonly id: string
    readonly path: string
    readonly owner: string
    readonly user: string
  }>({
    message: ({ service, host, id, path, owner, user }) =>
      `The data of ${service} on ${host} cannot be restored from ${id} with its owners: ${path} belongs to ${owner}, and the login user there, ${user}, is not root and cannot give files to another user. Nothing was changed.`,
    hint: () =>
      'Log in to the host as root for the restore, restore only what belongs to the login user with --path, or restore to a folder with --to and move it into place by hand, as root.',
    exitCode: 9,
  }),
  'SRV-664': entry<{ readonly service: string; readonly host: string; readonly id: string; readonly found: string }>({
    message: ({ service, host, id, found }) =>
      `A restore of ${service} on ${host} from ${id} would remove files from its data that snapshots leave out (\`exclude\`), and could not bring them back: ${found}. Nothing was changed.`,
    hint: ({ service, host }) =>
      `To restore anyway: --confirm ${service}@${host}. The files are then in data.before-…, and can be moved back from there. Or restore only a part, with --path.`,
    exitCode: 9,
  }),
  'SRV-646': entry<{ readonly said: string }>({
    message: ({ said }) =>
      `--at ${said} is not a time: write it as 2026-11-22 or 2026-11-22T14:03:00Z. Nothing was contacted.`,
    hint: () => 'srv restore production shop --at 2026-11-22T14:03:00Z',
    exitCode: 2,
  }),
  'SRV-648': entry<{ readonly service: string; readonly host: string; readonly problem: string }>({
    message: ({ service, host, problem }) =>
      `There is no data of ${service} on ${host} to copy: ${problem}. No snapshot was made; older ones are unchanged.`,
    hint: () =>
      'Check that its disk is mounted. If the data may be empty: `backup: { allowEmpty: true }` on an instance of the service.',
    exitCode: 9,
  }),
  'SRV-649': entry<{ readonly service: string; readonly host: string }>({
    message: ({ service, host }) =>
      `${service} cannot be rolled back with its data on ${host}: that works only for a service with a single instance, and not in a swarm. Nothing was changed.`,
    hint: ({ service }) =>
      `Roll back without its data, then restore the data: srv restore <environment> ${service} --snapshot <id>`,
    exitCode: 9,
  }),
  'SRV-647': entry<{ readonly said: string }>({
    message: ({ said }) => `--level ${said} is not valid: it is quick, sample or full. Nothing was contacted.`,
    hint: () => 'srv verify production shop --level quick',
    exitCode: 2,
  }),
  'SRV-657': entry<{ readonly service: string; readonly host: string; readonly problem: string }>({
    message: ({ service, host, problem }) =>
      `${service} on ${host} was brought back up after its data was copied, and is not healthy: ${problem}. It may not have been healthy before either, which a backup does not ask. The copied data was kept.`,
    hint: ({ service }) => `srv logs <environment> ${service}`,
    exitCode: 10,
  }),
  'SRV-669': entry<{ readonly service: string; readonly host: string; readonly seconds: number }>({
    message: ({ service, host, seconds }) =>
      `${service} on ${host} was brought back before its data were copied: copying what had changed took longer than ${seconds} s. What was copied is not of one moment, so no snapshot was made, and older ones are as they were.`,
    hint: () =>
      'Raise `holdSeconds` under `backup` of the service in the config. What was copied so far spares the next run from copying it again.',
    exitCode: 10,
  }),
  'SRV-658': entry<Kept & { readonly done: string; readonly problem: string }>({
    message: ({ service, host, where, done, problem }) =>
      `The snapshots of ${service} on ${host} in ${where} could not be ${done}: ${problem}. This did not stop the other destinations.`,
    hint: ({ service }) => `srv snapshots <environment> ${service} shows which keepers can be reached.`,
    exitCode: 10,
  }),
  'SRV-656': entry<Kept & { readonly near: string; readonly far: string; readonly problem: string }>({
    message: ({ service, host, where, near, far, problem }) =>
      `The data of ${service} on ${host} could not be copied to ${where}: ${near} cannot reach ${far} directly (${problem}). No snapshot was made there; older ones are unchanged.`,
    hint: ({ near, far }) =>
      `If ${near} reaches ${far} at another address, set it with \`from\`, or \`at\` where hosts push. With \`way: 'auto'\` or 'laptop', everything goes through this machine.`,
    exitCode: 10,
  }),
} as const
