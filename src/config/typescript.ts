import * as nodeModule from 'node:module'

/**
 * Hooks that run on Node's own thread for them, and therefore cannot be functions here. They are tsx's, which are loaded
 * over there while this thread goes on. The config and the TypeScript that it imports are ES modules whatever the
 * project's package.json says: most projects say nothing, which means CommonJS, and then `import` of this package would
 * be a circle of `require` (tsx 4.23).
 */
const hooks = `
let config, srv, tsx
const own = new Set()
export function initialize(data) {
  config = data.config
  srv = data.srv
  if (data.tsx === undefined) {
    tsx = { resolve: (specifier, context, next) => next(specifier, context), load: (url, context, next) => next(url, context) }
    return
  }
  own.add(data.tsx)
  tsx = import(data.tsx).then(async (module) => (await module.initialize({}), module))
  tsx.catch(() => {})
}
export async function resolve(specifier, context, next) {
  // The modules of tsx itself pass through here as well, and cannot wait for tsx.
  if (own.has(specifier) || own.has(context.parentURL)) {
    const found = await next(specifier, context)
    own.add(found.url)
    return found
  }
  const found = await (await tsx).resolve(specifier, context, next)
  const [url] = found.url.split('?')
  const ours = url === config || (/[.]ts$/.test(url) && !url.includes('/node_modules/'))
  // Node would not link again what it could not link before: it is imported under another name.
  const again = srv !== undefined && url.startsWith('file:') && !url.startsWith(srv) && url === found.url
  return { ...found, ...(again && { url: url + '?again' }), ...(ours && { format: 'module' }) }
}
export async function load(url, context, next) {
  return own.has(url) ? next(url, context) : (await tsx).load(url, context, next)
}`

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
  const tsx = hasBoth ? undefined : import.meta.resolve('tsx/esm')
  nodeModule.register(`data:text/javascript,${encodeURIComponent(hooks)}`, {
    data: { config, tsx, srv: isAgain ? new URL('../..', import.meta.url).href : undefined },
  })
}
