import type { Options, Settings } from './options.ts'

/** Whether the instance's own folder is the checkout. */
export function isInPlace(options: Pick<Options, 'strategy'>, settings: Pick<Settings, 'strategy'>): boolean {
  return (settings.strategy ?? options.strategy) === 'in-place'
}
