import type { NamedHook } from '../config/resolved-config.ts'
import type { Hook, HookFunction } from '../plugin/contract.ts'
import type { BoundHook, BoundHooks } from './plan.ts'

/** No hooks at all: for steps that nothing was bound to. */
export const noHooks: BoundHooks = { before: [], after: [], finally: [] }

function handlerOf(hook: Hook): HookFunction {
  return typeof hook === 'function' ? hook : hook.handler
}

function rank(hook: Hook): number {
  const order = typeof hook === 'function' ? undefined : hook.order
  if (order === 'first') return 0
  return order === 'last' ? 2 : 1
}

function bind(hooks: readonly NamedHook[], target: string): readonly BoundHook[] {
  return hooks
    .filter((named) => named.target === target)
    .toSorted((left, right) => rank(left.hook) - rank(right.hook))
    .map(({ hook, plugin }) => ({
      id: target,
      handler: handlerOf(hook),
      ...(plugin === undefined ? {} : { plugin }),
    }))
}

/**
 * The hooks of one task or pipeline: `first` before the others, then in the order of the plugin list with the config's
 * own at the end, then `last`. `finally` runs the other way round, as clean-up does.
 */
export function bindHooks(hooks: readonly NamedHook[], name: string): BoundHooks {
  return {
    before: bind(hooks, `before:${name}`),
    after: bind(hooks, `after:${name}`),
    finally: bind(hooks, `finally:${name}`).toReversed(),
  }
}

/** Whether anything is bound: steps without hooks can be sent together as one command. */
export function hasHooks(hooks: BoundHooks): boolean {
  return hooks.before.length + hooks.after.length + hooks.finally.length > 0
}
