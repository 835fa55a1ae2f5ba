import { entry } from '../entry.ts'

/** 670 to 672: what machines do by themselves at set times. */
export const schedule = {
  'SRV-670': entry<{
    readonly service: string
    readonly host: string
    readonly keeper: string
    readonly problem: string
  }>({
    message: ({ service, host, keeper, problem }) =>
      `${keeper} cannot be set up to back up ${service} of ${host} by itself: ${problem}. No new schedule was left behind.`,
    hint: ({ host }) =>
      `The keeper must be able to reach the host directly. At another address: \`schedule: { from: { ${host}: 'user@address:port' } }\`. Or let cron run srv backup on a machine that reaches both.`,
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
    message: ({ environment }) => `The config has nothing to schedule in ${environment}.`,
    hint: () => "Set rsyncBackup({ to: …, schedule: { at: '03:00' } }), then run srv schedule install <environment>",
    exitCode: 2,
  }),
} as const
