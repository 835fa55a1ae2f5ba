import { createHash } from 'node:crypto'
import type { Host, Instance, Placement } from '../../config/resolved.ts'
import {
  resultOf,
  type BaseContext,
  type HookContext,
  type HostContext,
  type InstanceContext,
  type OnceContext,
  type Relay,
} from '../../plugin/contract.ts'
import { isSecret } from '../../shell/secret.ts'
import type { ExecResult } from '../../transport/transport.ts'
import { quietOf, refusesHold } from '../hold/hold.ts'
import type { Target } from '../../plugin/target.ts'
import { transferText, type Transfer } from '../../plugin/transfer.ts'
import type { Progress } from '../event.ts'
import { at, type Job } from './job.ts'
import { rehearsesOf } from '../hold/rehearse.ts'
import { servesAlready } from './serves-already.ts'
import type { Session } from '../session.ts'
import { targetOf, type Commands } from './target.ts'

function optionsOf(session: Session, plugin: string | undefined): unknown {
  return session.plugins.find(({ name }) => name === plugin)?.options
}

/** Secret values become part of the digest, so that a rotated secret is a change; only the hash leaves the laptop. */
async function digestOf(session: Session, asking: string | undefined, instance: Instance): Promise<string> {
  const revealed: [string, string][] = []
  for (const [name, value] of Object.entries(instance.env)) {
    revealed.push([name, isSecret(value) ? await session.secrets.reveal(value) : value])
  }
  const { kind, build, start, id } = instance
  // The plugin that asks knows which of its own settings make a difference.
  const others = Object.entries(instance.settings).filter(([name]) => name !== asking)
  const said = { id, kind, build, start, ...(others.length === 0 ? {} : { settings: Object.fromEntries(others) }) }
  return createHash('sha256')
    .update(JSON.stringify([said, revealed]))
    .digest('hex')
}

/** What an event says about the progress of a step. */
function progressOf(said: string | Transfer): Progress {
  if (typeof said === 'string') return { text: said }
  const { bytes, percent, bytesPerSecond, secondsLeft } = said
  const known = { text: transferText(said), bytes, percent, bytes_per_second: bytesPerSecond }
  return secondsLeft === undefined ? known : { ...known, seconds_left: secondsLeft }
}

function base(session: Session, job: Job, commands: Commands): BaseContext {
  return {
    options: optionsOf(session, job.step.plugin),
    flags: session.plan.flags,
    environment: session.plan.environment,
    runId: session.runId,
    startedAt: session.startedAt,
    actor: session.actor,
    projectRoot: session.projectRoot,
    declared: session.declared,
    signal: session.signal,
    dryRun: session.dryRun,
    local: targetOf(session, job, commands, undefined),
    progress(said) {
      session.emit({ type: 'step.progress', ...at(job), ...progressOf(said) })
    },
    done(message) {
      session.state.addDone(job.step, job.target, message)
    },
    unchanged(message) {
      session.state.addDone(job.step, job.target, message)
      session.state.setIdle(job.step, job.target)
    },
    warn(message) {
      session.emit({ type: 'warning', message, host: job.hostName })
    },
    output: (task) => resultOf(task, session.state.output(task, [job.target, job.hostName, 'local'])),
  }
}

/** What a function that acts once is given. */
export function onceContext(session: Session, job: Job, commands: Commands): OnceContext {
  const { step } = job
  const shared = base(session, job, commands)
  return {
    ...shared,
    ...shared.local,
    placements: step.placements,
    settings: (instance) => (step.plugin === undefined ? undefined : instance.settings[step.plugin]),
    state: (placement) => session.state.before(placement),
    next: (placement) => (servesAlready(session, placement) ? undefined : session.state.next(placement)),
    choose(placement, release) {
      session.state.choose(placement, release)
    },
    digest: (instance) => digestOf(session, step.plugin, instance),
    refusesHold: (placement, how) => refusesHold(session.plugins, placement, how),
  }
}

/** The same session, switched to bringing back: an undo has to work after the interrupt that led to it. */
function undisturbed(session: Session): { readonly session: Session; readonly calm: () => void } {
  let { signal, bringsBack = false } = session
  const calm = (): void => {
    signal = new AbortController().signal
    bringsBack = true
  }
  return {
    session: {
      ...session,
      get signal() {
        return signal
      },
      get bringsBack() {
        return bringsBack
      },
    },
    calm,
  }
}

/** The host that a task names; `undefined` for the operator's machine. @throws Error for one that its `also` does not name */
function companionOf({ step }: Job, own: Host, name: string): Host | undefined {
  if (name === 'local') return undefined
  const host = [own, ...step.companions].find((one) => one.name === name)
  if (host === undefined) throw new Error(`the task uses the host ${name}, which its \`also\` does not name`)
  return host
}

function onHost(given: Session, job: Job, host: Host, commands: Commands): HostContext {
  const { session, calm } = undisturbed(given)
  return {
    ...base(session, job, commands),
    ...targetOf(session, job, commands, host),
    host,
    services: [
      ...new Set(session.plan.placements.filter((one) => one.host.name === host.name).map(({ service }) => service)),
    ],
    at: (name) => targetOf(session, job, commands, companionOf(job, host, name)),
    bridge: (bridge) => commands.bridge(session, job, host, companionOf(job, host, bridge.on), bridge),
    relay: (relay: Relay): Promise<ExecResult> => commands.relay(session, job, host, relay),
    async reached(name = host.name) {
      const one = companionOf(job, host, name)
      return one === undefined ? undefined : (await session.pool.get(one)).reached
    },
    onRollback(undo) {
      const run = (): Promise<unknown> => {
        calm()
        return undo()
      }
      session.state.pushUndo({ step: job.step, target: job.target, run })
    },
  }
}

function onInstance(session: Session, job: Job, placement: Placement, commands: Commands): InstanceContext {
  const next = job.bringsBack === true ? undefined : session.state.next(placement)
  const { host, service, instance, paths } = placement
  return {
    ...onHost(session, job, host, commands),
    ...quietOf(session.plugins, placement),
    ...rehearsesOf(session.plugins, placement),
    service,
    instance,
    paths,
    settings: job.step.plugin === undefined ? undefined : instance.settings[job.step.plugin],
    state: session.state.before(placement),
    ...(next === undefined ? {} : { next }),
    isUnchanged: next !== undefined && servesAlready(session, placement),
    anew() {
      session.state.setAnew(placement)
    },
    keptData() {
      session.state.dataKept.add(placement.id)
    },
  }
}

/** What a task's functions are given: by what the task acts on. */
export function contextOf(session: Session, job: Job, commands: Commands): OnceContext | HostContext | InstanceContext {
  if (job.placement !== undefined) return onInstance(session, job, job.placement, commands)
  if (job.host !== undefined) return onHost(session, job, job.host, commands)
  return onceContext(session, job, commands)
}

/** What a hook is given: the target of its step, and of a plugin's hook the plugin's options. */
export function hookContext(session: Session, job: Job, plugin: string | undefined, commands: Commands): HookContext {
  const { host, placement } = job
  const target: Target = targetOf(session, job, commands, host)
  return {
    ...base(session, job, commands),
    options: optionsOf(session, plugin),
    ...target,
    ...(host === undefined ? {} : { host }),
    ...(placement === undefined ? {} : { instance: placement.instance, paths: placement.paths }),
  }
}
