import type { Host, Placement } from '../config/resolved.ts'
import { appliesTo } from '../plan/applies.ts'
import type { Answer, Inspect } from '../plugin/contract.ts'
import { unknownState, type InstanceState } from '../plugin/state.ts'
import type { Piece } from './pieces.ts'
import type { PluginOfRun } from './plugin-of-run.ts'

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

/** Later answers win, and what was found to differ is collected. */
function merge(known: InstanceState, more: Partial<InstanceState>): InstanceState {
  return { ...known, ...more, drift: [...known.drift, ...(more.drift ?? [])] }
}

/** The questions about a placement as pieces of a command, and what the answers say once they are there. */
export interface Asking {
  readonly placement: Placement
  readonly pieces: readonly Piece[]
  /** Nothing when any answer is missing: then the host could not be asked. */
  readonly state: () => InstanceState | undefined
}

/** Asks each plugin what an instance is right now; with `withHealth` also whether it answers well. */
export function askAbout(placement: Placement, plugins: readonly PluginOfRun[], withHealth: boolean): Asking {
  const questions = questionsOf(plugins, withHealth).filter(({ inspect, plugin }) =>
    appliesTo(inspect, plugin.name, placement),
  )
  const answers = new Map<Question, Answer>()
  const settingsFor = ({ plugin }: Question): unknown =>
    plugin.name === undefined ? undefined : placement.instance.settings[plugin.name]
  return {
    placement,
    pieces: questions.map((question) => ({
      script: question.inspect.probe(placement, settingsFor(question), question.plugin.options),
      mayFail: true,
      onEnd(answer) {
        answers.set(question, answer)
      },
    })),
    state() {
      if (answers.size < questions.length) return undefined
      return [...answers].reduce(
        (known, [question, answer]) => merge(known, question.inspect.read(answer, placement, settingsFor(question))),
        unknownState,
      )
    },
  }
}

/** The placements of a host. */
export function placementsOn(host: Host, placements: readonly Placement[]): readonly Placement[] {
  return placements.filter((placement) => placement.host.name === host.name)
}
