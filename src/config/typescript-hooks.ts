import type { InitializeHook, LoadHook, ResolveHook } from 'node:module'

/*
 * Hooks that run on Node's own thread for them, where this file is a program of its own. They are tsx's, which are loaded
 * over here while the other thread goes on. The config and the TypeScript that it imports are ES modules whatever the
 * project's package.json says: most projects say nothing, which means CommonJS, and then `import` of this package would
 * be a circle of `require` (tsx 4.23).
 */

/** What the thread of the config tells this one. */
export interface HookData {
  /** The URL of the config. */
  readonly config: string
  /** Whether TypeScript is read in this thread; else the other one reads it. */
  readonly reads: boolean
  /** The URL of srv's own folder, when all but srv is to be loaded once more. */
  readonly srv: string | undefined
}

interface Reader {
  readonly resolve: ResolveHook
  readonly load: LoadHook
}

let data: HookData = { config: '', reads: false, srv: undefined }

/** Hands everything on. */
let reader: Reader | Promise<Reader> = {
  resolve: (specifier, context, next) => next(specifier, context),
  load: (url, context, next) => next(url, context),
}

/** This file and what tsx is made of, by URL. */
const own = new Set([import.meta.url])

async function startTsx(): Promise<Reader> {
  const tsx = await import('tsx/esm')
  await tsx.initialize({})
  return tsx
}

/** Called by Node, once, before any of the others. */
export const initialize: InitializeHook<HookData> = (told) => {
  data = told
  if (!data.reads) return
  const starting = startTsx()
  // That it failed is told to the first that needs it.
  starting.catch(() => undefined)
  reader = starting
}

/** Called by Node for each import: what is meant by it. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  // The modules of tsx itself pass through here as well, and cannot wait for tsx.
  if (context.parentURL !== undefined && own.has(context.parentURL)) {
    const found = await next(specifier, context)
    own.add(found.url)
    return found
  }
  const found = await (await reader).resolve(specifier, context, next)
  const { config, srv } = data
  const [url = ''] = found.url.split('?')
  const isOurs = url === config || (url.endsWith('.ts') && !url.includes('/node_modules/'))
  // Node would not link again what it could not link before: it is imported under another name.
  const isAgain = srv !== undefined && url.startsWith('file:') && !url.startsWith(srv) && url === found.url
  return { ...found, ...(isAgain && { url: `${url}?again` }), ...(isOurs && { format: 'module' }) }
}

/** Called by Node for each module: what is in it. */
export const load: LoadHook = async (url, context, next) =>
  own.has(url) ? next(url, context) : (await reader).load(url, context, next)
