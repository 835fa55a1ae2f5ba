import { entry } from '../entry.ts'

/** 670 to 679: what machines do by themselves at set times. */
export const schedule = {
  'SRV-670': entry<{
    readonly service: string
    readonly host: string
    readonly keeper: string
    readonly problem: string
  }>({
    message: ({ service, host, keeper, problem }) =>
      `${keeper} cannot be made to back up ${service} of ${host} by itself: ${problem}. What was not there before is not there now.`,
    hint: ({ host }) =>
      `The keeper needs a way of its own to the host. Another address: \`schedule: { from: { ${host}: 'user@address:port' } }\`. Or have cron run srv backup on a machine that reaches both.`,
    exitCode: 9,
  }),
  'SRV-671': entry<{
    readonly service: string
    readonly host: string
    readonly keeper: string
    readonly problem: string
  }>({
    message: ({ service, host, keeper, problem }) =>
      `The scheduled backup of ${service} of ${host} failed on ${keeper}: ${problem}.`,
    hint: () => 'srv schedule list <environment>',
    exitCode: 10,
  }),
  'SRV-672': entry<{ readonly environment: string }>({
    message: ({ environment }) => `The config has nothing that could be scheduled in ${environment}.`,
    hint: () => "rsyncBackup({ to: …, schedule: { at: '03:00' } }), and srv schedule install <environment>",
    exitCode: 2,
  }),
} as const
