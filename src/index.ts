/** The public API of srv: what a config and a plugin import. Everything else is private. */
export { defineConfig } from './config/define.ts'
export { http, tcp, type Health, type HealthLimits, type HttpOptions } from './config/health.ts'
export { swarm, type Swarm } from './config/orchestrator.ts'
export type { Declared, Host, Instance, Orchestrator, Paths, Placement, Service, Variables } from './config/resolved.ts'
export { sandbox } from './config/sandbox-host.ts'
export { parallel, rolling, series, type Step } from './config/steps.ts'
export { command, process, systemd, type Supervisor, type SystemdOptions } from './config/supervisor.ts'
export { didYouMean } from './error/suggest.ts'
export { isSrvError, srvError, type SrvError } from './error/srv-error.ts'
export type {
  Answer,
  Bridge,
  Check,
  Hook,
  HookContext,
  HostContext,
  Inspect,
  InstanceContext,
  On,
  OnceContext,
  Parts,
  Reached,
  Relay,
  Task,
  TaskMaker,
  TaskSpec,
  TaskWithResult,
  Tasks,
  Verdict,
} from './plugin/contract.ts'
export { definePlugin, defineTask, withoutHooks } from './plugin/define.ts'
export type { Flag, Flags, FlagValue, FlagValues, SaidFlags } from './plugin/flags.ts'
export type { Hold, HoldMode } from './plugin/hold.ts'
export type { Phases } from './plugin/phases.ts'
export type { Plugin, PluginFactory } from './plugin/plugin.ts'
export type { ExecOptions, LogOptions, Queries } from './plugin/queries.ts'
export type { Rehearsal, Rehearse, Rehearses, Scratch } from './plugin/rehearse.ts'
export type { LeaseHolder, LeaseTexts, Quiet } from './plugin/quiet.ts'
export type { ScheduleFacts, Schedules } from './plugin/schedules.ts'
export type { OldDataFacts, RehearsalFacts, SnapshotFacts, Snapshots } from './plugin/snapshots.ts'
export type { Disagreement, SaidBy, Shared } from './plugin/share.ts'
export type { InstanceState, NextRelease, Release } from './plugin/state.ts'
export type { Finish } from './plugin/finish.ts'
export { size, type Transfer } from './plugin/transfer.ts'
export { bornFunction } from './shell/born.ts'
export { lockFunction } from './shell/lock.ts'
export { quote } from './shell/quote.ts'
export { lines, raw, sh, type Script, type Word } from './shell/script.ts'
export { isSecret, secret, type Secret } from './shell/secret.ts'
export { writeVariables } from './shell/variables-file.ts'
export type { ExecResult } from './transport/transport.ts'
