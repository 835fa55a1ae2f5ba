import type { InstanceContext, Script, TaskMaker } from '../../../src/index.ts'
import { layoutOf } from '../layout.ts'
import { effective, type Options, type Settings } from '../options.ts'
import { explainRefusal } from '../refusal.ts'
import { moveBackScript, moveScript } from '../scripts/in-place/move.ts'
import { switchBackScript, switchScript } from '../scripts/switch.ts'
import { detailsOf } from '../state/checkout-facts.ts'
import { isInPlace } from '../strategy.ts'
import { chosen } from './chosen.ts'

type Context = InstanceContext<Options, Record<never, never>, Settings>

function move(context: Context): Script {
  const { state, instance, actor, startedAt } = context
  const { release, commit } = chosen(context)
  const adopted = detailsOf(state)?.adopted === true ? state.release : undefined
  // The target of a rollback has served here before: it need not be a descendant of what serves.
  const isBack = state.releases.some(({ id }) => id === release.id)
  return moveScript(layoutOf(context), {
    id: release.id,
    commit,
    actor,
    startedAt,
    adopted: adopted?.commit === undefined ? undefined : { ...adopted, commit: adopted.commit },
    reset: isBack || effective(context.options, context.settings).reset,
    writesVariables: Object.keys(instance.env).length > 0,
    url: undefined,
  })
}

function describe({ state, next, options, settings }: Context): string | undefined {
  if (next === undefined) return undefined
  if (!isInPlace(options, settings)) return `switch from ${state.release?.id ?? 'nothing'} to ${next.release.id}`
  const { head, branch } = detailsOf(state) ?? {}
  const to = next.release.commit?.slice(0, 7) ?? next.release.id
  if (head === undefined) return `check out ${to}`
  return `move ${branch ?? 'the detached checkout'} from ${head.slice(0, 7)} to ${to}`
}

/** Makes the chosen release the one that serves: by one rename, or by moving the checkout. */
export function switchTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Switch to the release',
    on: 'instance',
    activates: true,
    describe,
    explain: ({ stdout }, context) => explainRefusal(context, chosen(context).commit, stdout),
    script(context) {
      if (isInPlace(context.options, context.settings)) return move(context)
      return switchScript(layoutOf(context), chosen(context).release.id, context.actor)
    },
    undo(context) {
      const { release, commit } = chosen(context)
      return isInPlace(context.options, context.settings)
        ? moveBackScript(layoutOf(context), release.id, commit)
        : switchBackScript(layoutOf(context), release.id)
    },
  })
}
