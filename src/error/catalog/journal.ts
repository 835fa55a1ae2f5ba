import { entry } from '../entry.ts'

/** 119, 120, 122, 123 and 513: records of earlier runs that are missing, unreadable or cut off. */
export const journal = {
  'SRV-119': entry<{ readonly run: string; readonly folder: string; readonly suggestion: string }>({
    message: ({ run, folder, suggestion }) => `${folder} has no run ${run}. ${suggestion}`,
    hint: () => '`srv runs list` shows the runs that are kept: the newest 100.',
    exitCode: 2,
  }),
  'SRV-120': entry<{ readonly folder: string }>({
    message: ({ folder }) => `There is no run in ${folder} yet.`,
    hint: () => 'Every run that may change something leaves a record there; `srv plan` and queries leave none.',
    exitCode: 2,
  }),
  'SRV-122': entry<{ readonly run: string; readonly host: string; readonly logs: readonly string[] }>({
    message: ({ run, host, logs }) => `The run ${run} has no log of ${host}; it has those of ${logs.join(', ')}.`,
    hint: () => 'The log of this machine is called local.',
    exitCode: 2,
  }),
  'SRV-123': entry<{ readonly folder: string; readonly problem: string }>({
    message: ({ folder, problem }) => `The runs in ${folder} cannot be read: ${problem}.`,
    hint: ({ folder }) => `Only the user who runs srv may read them: ls -ld ${folder}`,
    exitCode: 2,
  }),
  'SRV-513': entry<{ readonly steps: readonly string[]; readonly changed: boolean; readonly environment: string }>({
    message: ({ steps, changed }) =>
      `The run was cut off${steps.length === 0 ? '' : ` during ${steps.join(', ')}`}: its process ended without a result. ${
        changed ? 'Hosts may have been changed, and what serves was not checked.' : 'No host was changed.'
      }`,
    hint: ({ environment }) => `\`srv status ${environment}\` says what serves now; then run the same command again.`,
    exitCode: 7,
  }),
}
