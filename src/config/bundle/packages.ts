import { existsSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { OnResolveResult, Plugin } from 'esbuild'

/** A build that meets this ends, and the config is left to tsx. */
function leftToTsx(why: string): OnResolveResult {
  return { errors: [{ text: why }] }
}

/** What a path says, or leads to, when it is one of the project's own files. */
function ownFile(resolveDir: string, path: string): OnResolveResult {
  const file = join(resolveDir, path)
  // tsx takes the TypeScript that stands beside JavaScript, esbuild the JavaScript.
  const isMade = existsSync(file) && existsSync(file.replace(/js$/, 'ts'))
  return isMade ? leftToTsx('made of TypeScript') : {}
}

/**
 * A plugin of esbuild that leaves packages out of the bundle, and names each by the file that Node would take for it. A
 * package that is a part of the project after all, as a workspace or an alias of tsconfig.json is, ends the build: it may be
 * TypeScript, and it could be there twice, in the bundle and beside it.
 *
 * @param srv filled with the URLs of srv's own files that the config imports
 */
export function packages(srv: Set<string>): Plugin {
  return {
    name: 'packages',
    setup(build) {
      build.onResolve({ filter: /^[.]{1,2}[/].*[.]m?js$/ }, ({ path, resolveDir }) => ownFile(resolveDir, path))
      build.onResolve(
        { filter: /^[^./]/ },
        async ({ path, kind, resolveDir, pluginData }): Promise<OnResolveResult> => {
          // The second case is the question that is put to esbuild itself below.
          if (kind === 'entry-point' || pluginData === srv) return {}
          if (isBuiltin(path)) return { external: true }
          const found = await build.resolve(path, { kind, resolveDir, pluginData: srv })
          if (found.errors.length > 0) return { errors: found.errors }
          if (!/^[.](?:js|mjs|cjs)$/.test(extname(found.path))) return leftToTsx('not JavaScript')
          const { href } = pathToFileURL(found.path)
          if (/^srvkit(?:\/|$)/.test(path)) srv.add(href)
          else if (!found.path.includes('/node_modules/')) return leftToTsx('a file of the project')
          return { path: href, external: true }
        },
      )
    },
  }
}
