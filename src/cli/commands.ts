import type { StockPipelineName } from '../config/stock.ts'
import type { Io } from './io.ts'

/** A command: what follows its name on the command line, and the world outside; the result is the exit code. */
export type CommandRunner = (argv: readonly string[], io: Io) => Promise<number>

interface Builtin {
  readonly summary: string
  /** Whether it can change something on a host. */
  readonly effect: 'changes hosts' | 'changes this machine' | 'read-only'
  /** Loads nothing but this command. Pipelines have none: they come from the config. */
  readonly load?: () => Promise<CommandRunner>
}

/** Every pipeline that comes with srv. */
const pipelines = {
  deploy: { summary: 'bring services up to date, on one host first and then by turns', effect: 'changes hosts' },
  update: { summary: 'the same as deploy', effect: 'changes hosts' },
  rollback: { summary: 'go back to the previous release', effect: 'changes hosts' },
  'rollback-with-data': { summary: 'the same as rollback --with-data', effect: 'changes hosts' },
  restart: { summary: 'restart services and check that they are healthy', effect: 'changes hosts' },
  start: { summary: 'start services', effect: 'changes hosts' },
  stop: { summary: 'stop services', effect: 'changes hosts' },
  scale: {
    summary: 'change how many containers a service of a swarm has: srv scale production shop --replicas web=3',
    effect: 'changes hosts',
  },
  backup: { summary: 'make a snapshot of the data of services', effect: 'changes hosts' },
  verify: { summary: 'compare a snapshot with its manifest', effect: 'read-only' },
  prune: { summary: 'remove snapshots that no retention rule keeps', effect: 'changes hosts' },
  restore: { summary: 'replace the data of services with a snapshot', effect: 'changes hosts' },
  rehearse: {
    summary: 'restore a snapshot next to the running service, start it, and remove it again',
    effect: 'changes hosts',
  },
  extract: { summary: 'put a snapshot into a folder on its host, the same as restore --to', effect: 'changes hosts' },
  schedule: {
    summary: 'scheduled backups, made without this machine: srv schedule install production',
    effect: 'changes hosts',
    load: async () => (await import('./commands/schedule.ts')).schedule,
  },
  unschedule: { summary: 'the same as schedule remove', effect: 'changes hosts' },
} satisfies Readonly<Record<StockPipelineName, Builtin>>

const builtins: Readonly<Record<string, Builtin>> = {
  ...pipelines,
  snapshots: {
    summary: 'list the snapshots that can be restored',
    effect: 'read-only',
    load: async () => (await import('./commands/snapshots.ts')).snapshots,
  },
  plan: {
    summary: 'show what a pipeline would do on each host',
    effect: 'read-only',
    load: async () => (await import('./commands/plan.ts')).plan,
  },
  status: {
    summary: 'show what serves where, since when, and whether it is healthy',
    effect: 'read-only',
    load: async () => (await import('./commands/status.ts')).status,
  },
  releases: {
    summary: 'list the releases that can be rolled back to',
    effect: 'read-only',
    load: async () => (await import('./commands/releases.ts')).releases,
  },
  logs: {
    summary: "show the apps' own logs, from several hosts at once",
    effect: 'read-only',
    load: async () => (await import('./commands/logs.ts')).logs,
  },
  ps: {
    summary: 'list the processes or containers of instances',
    effect: 'read-only',
    load: async () => (await import('./commands/ps.ts')).ps,
  },
  exec: {
    summary: 'run a command on each host: srv exec production -- uptime',
    effect: 'changes hosts',
    load: async () => (await import('./commands/exec.ts')).exec,
  },
  doctor: {
    summary: 'check every host without changing anything',
    effect: 'read-only',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  runs: {
    summary: 'list earlier runs from this machine, and show what happened in each',
    effect: 'read-only',
    load: async () => (await import('./commands/runs.ts')).runs,
  },
  lock: {
    summary: 'show who holds the lease of a service, or release it: srv lock status production',
    effect: 'changes hosts',
    load: async () => (await import('./commands/lock.ts')).lock,
  },
  tasks: {
    summary: 'list the tasks and pipelines of this project',
    effect: 'read-only',
    load: async () => (await import('./commands/tasks.ts')).tasks,
  },
  config: {
    summary: 'show the config as srv understood it, for one environment',
    effect: 'read-only',
    load: async () => (await import('./commands/config.ts')).config,
  },
  explain: {
    summary: 'explain what an error means and what to do about it: srv explain SRV-501',
    effect: 'read-only',
    load: async () => (await import('./commands/explain.ts')).explain,
  },
  hosts: {
    summary: 'list hosts; trust the key of a new one: srv hosts trust production web1',
    effect: 'changes this machine',
    load: async () => (await import('./commands/hosts.ts')).hosts,
  },
  sandbox: {
    summary: 'show or stop the built-in practice hosts',
    effect: 'changes this machine',
    load: async () => (await import('./commands/sandbox.ts')).sandbox,
  },
}

/** The built-in commands, by name; pipelines that come with srv are among them. */
export const commandNames: readonly string[] = Object.keys(builtins)

/** How a built-in command is loaded; nothing for a pipeline. */
export function builtin(name: string): (() => Promise<CommandRunner>) | undefined {
  return Object.hasOwn(builtins, name) ? builtins[name]?.load : undefined
}

/** The one line of a pipeline that comes with srv. */
export function summaryOf(name: string): string | undefined {
  return Object.hasOwn(builtins, name) ? builtins[name]?.summary : undefined
}

/** What `srv --help` prints; it needs no config. */
export function helpText(): string {
  const width = Math.max(...[...commandNames, '<pipeline>'].map(({ length }) => length)) + 2
  const rows = Object.entries(builtins).map(
    ([name, { summary, effect }]) =>
      `  ${name.padEnd(width)}${summary}${effect === 'changes hosts' ? '' : ` (${effect})`}`,
  )
  return [
    'Usage: srv <command> <environment> [service[/instance] …] [options]',
    '',
    'Commands',
    ...rows,
    `  ${'<pipeline>'.padEnd(width)}a pipeline of your srv.config.ts: srv tasks lists them`,
    '',
    'Options of every command',
    '  --help, --version, --config <path>, --json, --plain, -v',
    '',
    'srv <command> --help shows the rest: inside a project also the flags of its tasks.',
    '',
  ].join('\n')
}
