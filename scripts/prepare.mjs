import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * npm runs this after `npm install` and `npm ci` in a clone, and before it packs. It builds, and gives the clone the two
 * commands that npm gives to those who depend on the package, so that `npx srv` works in a clone too. A production
 * install has no compiler and needs none: there is nothing to do then.
 */
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))

if (existsSync(at('node_modules/typescript/bin/tsc'))) {
  const { status } = spawnSync(process.execPath, [at('scripts/build.mjs')], { stdio: 'inherit' })
  process.exitCode = status ?? 1
  mkdirSync(at('node_modules/.bin'), { recursive: true })
  for (const name of ['srv', 'srvkit']) {
    rmSync(at(`node_modules/.bin/${name}`), { force: true })
    symlinkSync('../../dist/src/bin.js', at(`node_modules/.bin/${name}`))
  }
}
