import { entry } from '../entry.ts'

/** What else there is to say than which part of a snapshot is put where. */
const howTo: Readonly<Record<string, string>> = {
  source:
    'Name one of these machines, or one of its folders as in the config: --source nas:/tank/srv. `srv snapshots` lists what each keeps.',
  dumps: '--dumps none restores the files alone, and --dumps all, as without the flag, loads every dump of the config.',
  from: 'Another machine cannot read them there. Restore on that host, or from a destination on another machine: `to`.',
}

/** 650 to 654 and 668: dumps of databases. */
export const dumps = {
  'SRV-650': entry<{ readonly dump: string; readonly inside: string }>({
    message: ({ dump, inside }) =>
      `The dump ${dump} is to be made in the compose service ${inside}, but the service has no compose project.`,
    hint: () => 'For a database on the host itself, leave out `in`.',
    exitCode: 2,
  }),
  'SRV-651': entry<{ readonly dump: string; readonly reason: string }>({
    message: ({ dump, reason }) => `srv cannot load the dump ${dump}: ${reason}.`,
    hint: () => 'Restore the data without its dumps, then load this one by hand.',
    exitCode: 10,
  }),
  'SRV-652': entry<{ readonly service: string; readonly host: string; readonly problem: string }>({
    message: ({ service, host, problem }) =>
      `The databases of ${service} on ${host} could not be dumped: ${problem}. No snapshot was made; older ones are unchanged.`,
    hint: () => 'The lines above are the output of the dump tool.',
    exitCode: 10,
  }),
  'SRV-668': entry<{ readonly service: string; readonly host: string; readonly problem: string }>({
    message: ({ service, host, problem }) =>
      `What the databases of ${service} on ${host} hold now could not be kept before the restore: ${problem}. Nothing was replaced.`,
    hint: () =>
      'Does the database run, and does it exist? Where it cannot be dumped any more, --without-old-dumps restores all the same: then nobody can put back what it holds now.',
    exitCode: 10,
  }),
  'SRV-653': entry<{ readonly service: string; readonly host: string; readonly id: string; readonly dumps: string }>({
    message: ({ service, host, id, dumps }) =>
      `The contents of the databases of ${service} on ${host} (${dumps}) may be newer than the snapshot ${id}, whose dumps would replace them. Nothing was changed.`,
    hint: ({ service, host }) =>
      `To do it all the same: --confirm ${service}@${host}. What they hold now is kept beside the data, unless --without-old-dumps is given. Without databases: --dumps none`,
    exitCode: 9,
  }),
  'SRV-654': entry<{ readonly flag: string; readonly said: string; readonly problem: string }>({
    message: ({ flag, said, problem }) => `--${flag} ${said} is not possible: ${problem}.`,
    hint: ({ flag }) => howTo[flag] ?? 'srv restore production shop --path uploads/2026 --to /srv/found',
    exitCode: 2,
  }),
}
