import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Compiles the package into `dist/`. It says nothing unless something is wrong. */
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))

rmSync(at('dist'), { recursive: true, force: true })
const tsc = at('node_modules/typescript/bin/tsc')
const { status } = spawnSync(process.execPath, [tsc, '-p', at('tsconfig.build.json')], { stdio: 'inherit' })
// tsc leaves the mode of a file it writes at 0644, and npm links to this one when the package is used from a clone.
if (existsSync(at('dist/src/bin.js'))) chmodSync(at('dist/src/bin.js'), 0o755)
process.exitCode = status ?? 1
