/** The hooks behind `tsx/esm/api`, whose types the package leaves out. */
declare module 'tsx/esm' {
  import type { InitializeHook, LoadHook, ResolveHook } from 'node:module'

  /** Makes the hooks ready; in the thread of the hooks it starts nothing else. */
  export const initialize: InitializeHook<object>
  /** What is meant by an import. */
  export const resolve: ResolveHook
  /** What is in a module, TypeScript made into JavaScript. */
  export const load: LoadHook
}
