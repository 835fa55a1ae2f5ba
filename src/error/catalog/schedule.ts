import { entry } from '../entry.ts'

/** 670 to 672: what machines do by themselves at set times. */
export const schedule = {
  'SRV-670': entry<{
    readonly service: string
    readonly host: string
    readonly keeper: string
    readonly problem: string
    readonly cause?: 'unmounted' | 'no timer' | 'time' | 'unreachable'
  }>({
    message: ({ service, host, keeper, problem }) =>
      `${keeper} cannot be set up to back up ${service} of ${host} by itself: ${problem}. No new schedule was left behind.`,
    hint: ({ service, host, keeper, cause }) => {
      switch (cause) {
        case 'unmounted':
          return `Mount it on ${keeper}, then: srv schedule install <environment> ${service}. If it need not be a mount point, take \`mountpoint\` out of the config.`
        case 'no timer':
          return `Install cron on ${keeper} and start it, or let that user use systemd, by \`sudo -n\` or \`loginctl enable-linger\`. Or let cron run srv backup on a machine that reaches both.`
        case 'time':
          return `Set \`at\` of \`schedule\` to '03:00', or to an expression that \`systemd-analyze calendar\` reads; cron knows fewer of them: hourly, daily, weekly, monthly, 'Mon,Thu *-*-* 03:00' and '*-*-01 03:00'.`
        case 'unreachable':
          return `The keeper must be able to reach the host directly. At another address: \`schedule: { from: { ${host}: 'user@address:port' } }\`. Or let cron run srv backup on a machine that reaches both.`
        default:
          return `\`-v\` shows all output. Once that is mended: srv schedule install <environment> ${service}`
      }
    },
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
