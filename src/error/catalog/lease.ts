import { entry } from '../entry.ts'

/** Who holds a lease, in words: `ben@laptop-ben since 14:01 (run 2026…), last sign of life 6 s ago`. */
export interface HeldBy {
  readonly service: string
  readonly host: string
  readonly actor: string
  readonly run: string
  readonly pipeline: string
  /** ISO 8601 UTC */
  readonly since: string
  /** Seconds since the holder's last sign of life. */
  readonly ageSeconds: number
}

/** 401 to 406: another run works on the same service on the same host, or the lease itself failed. */
export const lease = {
  'SRV-401': entry<HeldBy>({
    message: ({ service, host, actor, run, pipeline, since, ageSeconds }) =>
      `${service} on ${host} is locked: ${actor} has been running ${pipeline} on it since ${since} (run ${run}), last sign of life ${ageSeconds} s ago. Nothing was changed.`,
    hint: () =>
      'Wait for it with `--wait-lock`. If its holder is gone, the lease ends by itself 45 s after the last sign of life.',
    exitCode: 8,
  }),
  'SRV-402': entry<{ readonly host: string; readonly problem: string }>({
    message: ({ host, problem }) => `The lease could not be taken on ${host}: ${problem}. Nothing was changed.`,
    hint: ({ host }) =>
      `The login user must be able to write there: as root on ${host}, create the folder of the service and give it to that user with chown.`,
    exitCode: 9,
  }),
  'SRV-403': entry<{ readonly host: string; readonly service: string }>({
    message: ({ host, service }) =>
      `The lease of ${service} on ${host} was lost: srv gave no sign of life for too long, and another run may be working there now. Nothing more was done there.`,
    hint: () => 'See who is working there with `srv lock status`, and what serves with `srv status`.',
    exitCode: 7,
  }),
  'SRV-404': entry<{ readonly host: string }>({
    message: ({ host }) => `The lease could not be taken on ${host}: a disk there is full. Nothing was changed.`,
    hint: ({ host }) => `Make room on ${host}, then run the same command again; \`df -h\` there shows which disk.`,
    exitCode: 9,
  }),
  'SRV-405': entry<{ readonly host: string; readonly problem: string }>({
    message: ({ host, problem }) =>
      `The lease could not be maintained on ${host}: ${problem}. Nothing more was done there.`,
    hint: ({ host }) => `Check that the login user can still write to the folder of the service on ${host}.`,
    exitCode: 5,
  }),
  'SRV-406': entry<{ readonly service: string; readonly host: string; readonly problem: string }>({
    message: ({ service, host, problem }) =>
      `A run that died left ${service} on ${host} half done, and what it left could not be completed or undone: ${problem}. Nothing else was changed.`,
    hint: ({ host }) => `Fix that on ${host}, then run the same command again: it retries this first.`,
    exitCode: 9,
  }),
}
