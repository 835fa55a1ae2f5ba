import type { Instance, Placement } from '../config/resolved.ts'
import {
  resultOf as typed,
  type BaseContext,
  type HostContext,
  type InstanceContext,
  type On,
  type OnceContext,
  type Relay,
  type Task,
} from '../plugin/contract.ts'
import type { Flags } from '../plugin/flags.ts'
import { display } from '../shell/script.ts'
import { transferText } from '../plugin/transfer.ts'
import { unknownState, type InstanceState, type NextRelease } from '../plugin/state.ts'
import { testPlacement } from './placement.ts'
import { recorder, resultOf, type Recorder } from './recorder.ts'
import type { TestPlugin } from './set-up.ts'
import { quietOf } from './quiet.ts'
import { rehearsesOf } from './rehearse.ts'
import type { Situation } from './situation.ts'

/** A context for each way of acting, and what was recorded through it. */
export interface Bench {
  readonly placement: Placement
  /** Validated. */
  readonly settings: unknown
  readonly context: OnceContext | HostContext | InstanceContext
  readonly recorder: Recorder
  readonly relays: readonly Relay[]
  readonly progress: readonly string[]
  readonly undos: readonly (() => Promise<unknown>)[]
  readonly chosen: Readonly<Record<string, NextRelease>>
  /** Whether the release is to be put in place again, and whether the data of before can be gone back to. */
  readonly marks: { readonly isAnew: boolean; readonly hasKeptData: boolean }
}

type Declared = Task<unknown, On, Flags, unknown>

function flagsOf(
  { flags: declared = {} }: Declared,
  given: Situation['flags'] = {},
): Record<string, string | boolean | undefined> {
  for (const name of Object.keys(given)) {
    if (declared[name] === undefined) throw new Error(`the task declares no flag ${name}`)
  }
  const defaults = Object.entries(declared).map(([name, flag]): [string, string | boolean | undefined] => [
    name,
    flag.type === 'boolean' ? false : flag.default,
  ])
  return { ...Object.fromEntries(defaults), ...given }
}

function outputsOf(plugin: TestPlugin, { outputs = {} }: Situation): BaseContext['output'] {
  const byTask = new Map(Object.entries(outputs).map(([key, output]) => [plugin.task(key), output]))
  return (task) => typed(task, byTask.get(task))
}

async function settingsOf(plugin: TestPlugin, situation: Situation, placements: readonly Placement[]) {
  const validated = await plugin.settings(situation.settings)
  const own = placements.map(({ instance }) => instance).filter(({ settings }) => plugin.name in settings)
  const pairs = own.map(async (one) => [one.id, await plugin.settings(one.settings[plugin.name])] as const)
  const byInstance = new Map(await Promise.all(pairs))
  return {
    validated,
    of: ({ id }: Instance): unknown => (byInstance.has(id) ? byInstance.get(id) : validated),
  }
}

/** Builds the context of a task's own way of acting, around hosts that only record. */
export async function bench(plugin: TestPlugin, key: string, situation: Situation): Promise<Bench> {
  const task: Declared = plugin.task(key)
  const placement = testPlacement(situation)
  const placements = situation.placements ?? [placement]
  const settings = await settingsOf(plugin, situation, [...placements, placement])
  const recorded = recorder(situation.answers ?? {})
  const where = { task: `${plugin.name}:${key}`, target: task.on === 'once' ? 'local' : placement.id }
  const relays: Relay[] = []
  const progress: string[] = []
  const undos: (() => Promise<unknown>)[] = []
  const chosen: Record<string, NextRelease> = {}
  const marks = { isAnew: false, hasKeptData: false }
  const state = (of: Placement): InstanceState => ({
    ...unknownState,
    ...situation.state,
    ...situation.states?.[of.id],
  })
  const base: BaseContext = {
    options: plugin.options,
    flags: flagsOf(task, situation.flags),
    environment: situation.environment ?? 'production',
    runId: 'run-1',
    startedAt: situation.startedAt ?? '2026-11-22T14:03:11.000Z',
    actor: situation.actor ?? 'me@laptop',
    projectRoot: situation.projectRoot ?? '/home/me/project',
    declared: { file: `${situation.projectRoot ?? '/home/me/project'}/srv.config.ts`, placements },
    signal: new AbortController().signal,
    dryRun: false,
    local: recorded.target('local: ', where),
    warn: (message) => void progress.push(`! ${message}`),
    done: (message) => void progress.push(`= ${message}`),
    unchanged: (message) => void progress.push(`= ${message}`),
    progress: (said) => void progress.push(typeof said === 'string' ? said : transferText(said)),
    output: outputsOf(plugin, situation),
  }
  const once: OnceContext = {
    ...base,
    ...base.local,
    placements,
    settings: settings.of,
    state,
    next: (of) => chosen[of.id] ?? situation.next,
    choose: (of, release) => void (chosen[of.id] = release),
    digest: ({ id }) => Promise.resolve(situation.digest ?? `digest of ${id}`),
    refusesHold: () => situation.refusesHold,
  }
  const onHost: HostContext = {
    ...base,
    ...recorded.target('', where),
    host: placement.host,
    services: [placement.service],
    at: (name) => recorded.target(`${name}: `, where),
    bridge(bridge) {
      recorded.commands.push(`${bridge.on}: ${display(bridge.script)}`)
      return Promise.resolve(resultOf())
    },
    relay(relay) {
      relays.push(relay)
      return situation.relay === undefined ? Promise.resolve(resultOf()) : situation.relay(relay)
    },
    reached: () => Promise.resolve(situation.reached),
    onRollback: (undo) => void undos.unshift(undo),
  }
  const { service, instance, paths } = placement
  const next = situation.next === undefined ? {} : { next: situation.next }
  const own = settings.of(instance)
  const onInstance: InstanceContext = {
    ...onHost,
    ...quietOf(placement, situation),
    ...rehearsesOf(placement, situation),
    service,
    instance,
    paths,
    settings: own,
    state: state(placement),
    ...next,
    isUnchanged: situation.isUnchanged ?? false,
    anew: () => void (marks.isAnew = true),
    keptData: () => void (marks.hasKeptData = true),
  }
  const contexts = { once, host: onHost, instance: onInstance }
  return {
    placement,
    settings: own,
    context: contexts[task.on],
    recorder: recorded,
    relays,
    progress,
    undos,
    chosen,
    marks,
  }
}
