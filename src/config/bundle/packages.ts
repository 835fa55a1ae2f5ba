import { existsSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { OnResolveResult, Plugin } from 'esbuild'

/** Fails the build, so that tsx reads the config. */
function leftToTsx(why: string): OnResolveResult {
  return { errors: [{ text: why }] }
}

/** An import of a JavaScript file of the project: tsx takes the TypeScript next to it, esbuild would not. */
function ownFile(resolveDir: string, path: string): OnResolveResult {
  const file = join(resolveDir, path)
  const isCompiled = existsSync(file) && existsSync(file.replace(/js$/, 'ts'))
  return isCompiled ? leftToTsx('compiled from TypeScript') : {}
}

/**
 * An esbuild plugin that leaves packages out of the bundle, and names each by the file that Node would resolve it to. The
 * build fails for a package that is part of the project, such as a workspace or an alias in tsconfig.json: it may be
 * TypeScript, and it could be loaded twice, in the bundle and beside it.
 *
 * @param srv receives the URLs of srv's own files that the config imports
 */
export function packages(srv: Set<string>): Plugin {
  return {
    name: 'packages',
    setup(build) {
      build.onResolve({ filter: /^[.]{1,2}[/].*[.]m?js$/ }, ({ path, resolveDir }) => ownFile(resolveDir, path))
      build.onResolve(
        { filter: /^[^./]/ },
        async ({ path, kind, resolveDir, pluginData }): Promise<OnResolveResult> => {
          // With this `pluginData` it is the call of `build.resolve` below.
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
