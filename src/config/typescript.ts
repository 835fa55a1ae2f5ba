import * as nodeModule from 'node:module'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HookData } from './typescript-hooks.ts'

/** The file of the hooks: beside this one, built or not. */
function hooksUrl(): URL {
  return new URL(`typescript-hooks${extname(fileURLToPath(import.meta.url))}`, import.meta.url)
}

/**
 * Lets Node read TypeScript from here on, for configs that are no bundle. It stays on for the whole run, since a task may
 * import more of the project; and with tsx's `tsImport` the config would get a second copy of this package. Where Node has hooks for both kinds of
 * modules in this thread (`module.registerHooks`, 22.15 and later), tsx knows best how to use them. `isAgain` is that
 * something could not be linked before: all but this package is loaded once more then.
 */
export async function readTypeScript(config: string, isAgain: boolean): Promise<void> {
  // tsx trusts a cache in the shared temp folder blindly, and would write the config there for others to read.
  process.env['TSX_DISABLE_CACHE'] = '1'
  const hasBoth = 'registerHooks' in nodeModule
  if (hasBoth) (await import('tsx/esm/api')).register()
  const srv = isAgain ? new URL('../..', import.meta.url).href : undefined
  nodeModule.register<HookData>(hooksUrl(), { data: { config, reads: !hasBoth, srv } })
}
