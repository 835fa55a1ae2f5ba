import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * npm runs this after `npm install` and `npm ci` in a clone, and before it packs. It builds, and gives the clone the two
 * commands that npm gives to those who depend on the package, so that `npx srv` works in a clone too. An install without
 * development dependencies cannot build and need not: there is nothing to do then. The types say which of the two it is;
 * the compiler does not, because npm keeps it as an optional peer of cosmiconfig.
 */
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))

// `npx srv` in a clone links the project into npm's cache and prepares it again: the build is there by then.
const isBuilt = process.env.npm_command === 'exec' && existsSync(at('dist/src/bin.js'))

const needed = ['typescript/bin/tsc', '@types/node/package.json', '@types/ssh2/package.json']
if (!isBuilt && needed.every((file) => existsSync(at(`node_modules/${file}`)))) {
  mkdirSync(at('node_modules/.bin'), { recursive: true })
  for (const name of ['srv', 'srvkit']) {
    rmSync(at(`node_modules/.bin/${name}`), { force: true })
    symlinkSync('../../dist/src/bin.js', at(`node_modules/.bin/${name}`))
  }
  await import('./build.mjs')
}
