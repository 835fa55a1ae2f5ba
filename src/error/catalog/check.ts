import { entry } from '../entry.ts'

/** 301 to 303: what the checks before a run found; nothing was changed. */
export const check = {
  'SRV-301': entry<{ readonly host: string; readonly check: string; readonly problem: string; readonly fix: string }>({
    message: ({ host, check, problem }) => `${host} is not ready: ${check}: ${problem}.`,
    hint: ({ fix }) => fix,
    exitCode: 9,
  }),
  'SRV-302': entry<{ readonly host: string; readonly problem: string }>({
    message: ({ host, problem }) => `${host} was reached, but could not answer: ${problem}.`,
    hint: ({ host }) =>
      `Mend what that names, such as a disk that is not mounted. Where it names nothing, check that /bin/sh works for the login user on ${host}.`,
    exitCode: 4,
  }),
  'SRV-303': entry<{ readonly target: string; readonly how: 'pause' | 'stop'; readonly problem: string }>({
    message: ({ target, how, problem }) =>
      `${target} cannot be ${how === 'pause' ? 'paused' : 'stopped'} temporarily: ${problem}.`,
    hint: () => 'Choose another way to get consistent data: `pause`, `stop`, or `live` with dumps of its databases.',
    exitCode: 9,
  }),
}
