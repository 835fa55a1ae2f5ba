import type { Host, Placement } from '../../config/resolved.ts'
import { isSrvError, srvError, type SrvError } from '../../error/srv-error.ts'
import { appliesTo } from '../../plan/applies.ts'
import type { Answer, Inspect } from '../../plugin/contract.ts'
import { unknownState, type InstanceState } from '../../plugin/state.ts'
import type { Piece } from '../steps/pieces.ts'
import type { PluginOfRun } from '../plugin-of-run.ts'

/** A question to one placement that adds to what is known about it. */
interface Question {
  readonly inspect: Inspect
  readonly plugin: PluginOfRun
}

function questionsOf(plugins: readonly PluginOfRun[], withHealth: boolean): readonly Question[] {
  return plugins.flatMap((plugin) => {
    const asked = withHealth ? [plugin.inspect, plugin.health] : [plugin.inspect]
    return asked.filter((inspect) => inspect !== undefined).map((inspect) => ({ inspect, plugin }))
  })
}

/** A question that could not be asked, or whose answer could not be read: the plugin's own code failed. */
function unreadable(placement: Placement, plugin: string, thrown: unknown): SrvError {
  if (isSrvError(thrown)) return thrown
  const problem = `${plugin} could not read it: ${thrown instanceof Error ? thrown.message : String(thrown)}`
  const fix = `Report it to the authors of ${plugin}.`
  const host = placement.host.name
  return srvError(
    'SRV-301',
    { host, check: `state of ${placement.instance.id}`, problem, fix },
    { where: { host, instance: placement.instance.id, plugin }, cause: thrown },
  )
}

/** Later answers win, and what was found to differ is collected. */
function merge(known: InstanceState, more: Partial<InstanceState>): InstanceState {
  const notes = [...(known.notes ?? []), ...(more.notes ?? [])]
  return {
    ...known,
    ...more,
    drift: [...known.drift, ...(more.drift ?? [])],
    ...(notes.length === 0 ? {} : { notes }),
  }
}

/** The questions about a placement as pieces of a command, and what the answers say once they are there. */
export interface Asking {
  readonly placement: Placement
  readonly pieces: readonly Piece[]
  /** `undefined` when any answer is missing: the host could not be asked. @throws SrvError SRV-301 when a plugin fails */
  readonly state: () => InstanceState | undefined
}

/** Asks each plugin for the state of an instance; with `withHealth` also whether it is healthy. */
export function askAbout(placement: Placement, plugins: readonly PluginOfRun[], withHealth: boolean): Asking {
  const questions = questionsOf(plugins, withHealth).filter(({ inspect, plugin }) =>
    appliesTo(inspect, plugin.name, placement),
  )
  const answers = new Map<Question, Answer>()
  const settingsFor = ({ plugin }: Question): unknown =>
    plugin.name === undefined ? undefined : placement.instance.settings[plugin.name]
  const guarded = <R>({ plugin }: Question, call: () => R): R => {
    try {
      return call()
    } catch (thrown) {
      throw unreadable(placement, plugin.name ?? 'srv', thrown)
    }
  }
  return {
    placement,
    pieces: questions.map((question) => ({
      script: guarded(question, () =>
        question.inspect.probe(placement, settingsFor(question), question.plugin.options),
      ),
      mayFail: true,
      onEnd(answer) {
        answers.set(question, answer)
      },
    })),
    state() {
      if (answers.size < questions.length) return undefined
      return [...answers].reduce(
        (known, [question, answer]) =>
          merge(
            known,
            guarded(question, () => question.inspect.read(answer, placement, settingsFor(question), known)),
          ),
        unknownState,
      )
    },
  }
}

/** The placements of a host. */
export function placementsOn(host: Host, placements: readonly Placement[]): readonly Placement[] {
  return placements.filter((placement) => placement.host.name === host.name)
}
