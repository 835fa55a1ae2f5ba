import { entry } from '../entry.ts'

/** 650 to 654: dumps of databases. */
export const dumps = {
  'SRV-650': entry<{ readonly dump: string; readonly inside: string }>({
    message: ({ dump, inside }) =>
      `The dump ${dump} is to be made in the compose service ${inside}, and the service has no compose project.`,
    hint: () => 'Leave out `in` for a database of the host itself.',
    exitCode: 2,
  }),
  'SRV-651': entry<{ readonly dump: string; readonly reason: string }>({
    message: ({ dump, reason }) => `The dump ${dump} cannot be loaded by srv: ${reason}.`,
    hint: () => 'Restore the data without its dumps, and load this one by hand.',
    exitCode: 10,
  }),
  'SRV-652': entry<{ readonly service: string; readonly host: string; readonly problem: string }>({
    message: ({ service, host, problem }) =>
      `The databases of ${service} on ${host} were not dumped: ${problem}. No snapshot was made, and older ones are as they were.`,
    hint: () => 'The lines above are what its tool said.',
    exitCode: 10,
  }),
  'SRV-653': entry<{ readonly service: string; readonly host: string; readonly id: string; readonly dumps: string }>({
    message: ({ service, host, id, dumps }) =>
      `What the databases of ${service} on ${host} hold (${dumps}) may be newer than the snapshot ${id}, whose dumps would replace it. Nothing was changed.`,
    hint: ({ service, host }) =>
      `To do it all the same: --confirm ${service}@${host}. What they hold now is kept beside the data. Without databases: --dumps none`,
    exitCode: 9,
  }),
  'SRV-654': entry<{ readonly flag: string; readonly said: string; readonly problem: string }>({
    message: ({ flag, said, problem }) => `--${flag} ${said} cannot be: ${problem}.`,
    hint: () => 'srv restore production shop --path uploads/2026 --to /srv/found',
    exitCode: 2,
  }),
}
