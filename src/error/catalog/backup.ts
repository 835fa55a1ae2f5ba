import { entry } from '../entry.ts'

/** The data of a service on a host, and where its snapshots are: `web1:/tank/srv/web1/shop`. */
export interface Kept {
  readonly service: string
  readonly host: string
  readonly where: string
}

/** 640 to 659: snapshots of data. */
export const backup = {
  'SRV-640': entry<Kept & { readonly problem: string }>({
    message: ({ service, host, where, problem }) =>
      `The data of ${service} on ${host} were not copied to ${where}: ${problem}. No snapshot was made, and older ones are as they were.`,
    hint: ({ service }) =>
      `\`-v\` shows what rsync said. What was copied so far spares the next run from copying it again; to remove it: srv prune <environment> ${service} --unfinished`,
    exitCode: 10,
  }),
  'SRV-641': entry<Kept & { readonly id: string; readonly note: string }>({
    message: ({ service, host, id, note }) =>
      `The snapshot ${id} of ${service} on ${host} is suspect: it has ${note}. It is kept, and no older one was removed.`,
    hint: ({ service, host }) =>
      `Look at the data of ${service} on ${host}. When so much was removed on purpose: srv backup <environment> ${service} --allow-shrunk`,
    exitCode: 10,
  }),
  'SRV-642': entry<Kept & { readonly id: string; readonly count: number }>({
    message: ({ service, host, where, id, count }) =>
      `The snapshot ${id} of ${service} on ${host} is not what it was when it was made, in ${where}: ${count} ${count === 1 ? 'difference' : 'differences'}.`,
    hint: () =>
      'The lines above name each file. Restore from another snapshot, and look at the disk that holds this one.',
    exitCode: 10,
  }),
  'SRV-643': entry<Kept & { readonly wanted: string }>({
    message: ({ service, host, where, wanted }) => `There is no ${wanted} of ${service} on ${host} in ${where}.`,
    hint: ({ service }) => `srv snapshots <environment> ${service}`,
    exitCode: 10,
  }),
  'SRV-644': entry<{ readonly service: string; readonly host: string; readonly id: string }>({
    message: ({ service, host, id }) =>
      `The data of ${service} on ${host} were changed after the snapshot ${id} was made: a restore would put older data in their place. Nothing was changed.`,
    hint: ({ service, host }) =>
      `To do it all the same: --confirm ${service}@${host}. The data of now are kept beside.`,
    exitCode: 9,
  }),
  'SRV-645': entry<{ readonly service: string; readonly host: string; readonly problem: string }>({
    message: ({ service, host, problem }) =>
      `The data of ${service} on ${host} were not restored: ${problem}. The data of before serve.`,
    hint: () => '`-v` shows all output. Is there room for a second copy of the data on the host?',
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
      `The data of ${service} on ${host} cannot be restored from ${id} as they were: ${path} is of ${owner}, and the log-in user there, ${user}, is not root and can give files to nobody else. Nothing was changed.`,
    hint: () =>
      "Log in to the host as root for a restore, take what is the user's own with --path, or bring it to a folder with --to and put it in place by hand, as root.",
    exitCode: 9,
  }),
  'SRV-664': entry<{ readonly service: string; readonly host: string; readonly id: string; readonly found: string }>({
    message: ({ service, host, id, found }) =>
      `A restore of ${service} on ${host} from ${id} would take out of its data what snapshots leave out (\`exclude\`), and not bring it back: ${found}. Nothing was changed.`,
    hint: ({ service, host }) =>
      `To do it all the same: --confirm ${service}@${host}. It is in data.before-… then, and can be moved from there. Or restore a part with --path.`,
    exitCode: 9,
  }),
  'SRV-646': entry<{ readonly said: string }>({
    message: ({ said }) => `--at ${said} is no time: it is written 2026-11-22 or 2026-11-22T14:03:00Z.`,
    hint: () => 'srv restore production shop --at 2026-11-22T14:03:00Z',
    exitCode: 2,
  }),
  'SRV-648': entry<{ readonly service: string; readonly host: string; readonly problem: string }>({
    message: ({ service, host, problem }) =>
      `There are no data of ${service} on ${host} to copy: ${problem}. No snapshot was made, and older ones are as they were.`,
    hint: () =>
      'Is a disk not mounted? When empty data are right: `backup: { allowEmpty: true }` on the first instance of the service.',
    exitCode: 9,
  }),
  'SRV-649': entry<{ readonly service: string; readonly host: string }>({
    message: ({ service, host }) =>
      `${service} cannot be rolled back with its data on ${host}: that is for services with one instance, a native one. Nothing was changed.`,
    hint: ({ service }) =>
      `Roll back without them, and then put the data back: srv restore <environment> ${service} --snapshot <id>`,
    exitCode: 9,
  }),
  'SRV-647': entry<{ readonly said: string }>({
    message: ({ said }) => `--level ${said} is not understood: it is quick, sample or full.`,
    hint: () => 'srv verify production shop --level quick',
    exitCode: 2,
  }),
  'SRV-657': entry<{ readonly service: string; readonly host: string; readonly problem: string }>({
    message: ({ service, host, problem }) =>
      `${service} on ${host} was brought back after its data were copied, and does not come healthy again: ${problem}. What was copied is kept.`,
    hint: ({ service }) => `srv logs <environment> ${service}`,
    exitCode: 10,
  }),
  'SRV-658': entry<Kept & { readonly done: string; readonly problem: string }>({
    message: ({ service, host, where, done, problem }) =>
      `The snapshots of ${service} on ${host} in ${where} were not ${done}: ${problem}. This kept no other destination from it.`,
    hint: ({ service }) => `srv snapshots <environment> ${service} says which keepers can be asked.`,
    exitCode: 10,
  }),
  'SRV-656': entry<Kept & { readonly near: string; readonly far: string; readonly problem: string }>({
    message: ({ service, host, where, near, far, problem }) =>
      `The data of ${service} on ${host} were not copied to ${where}: ${near} does not get to ${far} by itself (${problem}). No snapshot was made, and older ones are as they were.`,
    hint: ({ near, far }) =>
      `Is there another address of ${far} for ${near}? It is said by \`from\`, or \`at\` where hosts push. With \`way: 'auto'\` or 'laptop' it all goes through this machine.`,
    exitCode: 10,
  }),
} as const
