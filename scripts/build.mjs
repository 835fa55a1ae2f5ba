import { chmodSync, copyFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { $ } from 'zx'

/*
 * Makes the package in `dist/`: declarations by tsc, which also checks the types, and programs by esbuild. It says nothing
 * unless something is wrong. Bundled, since reading 480 small files and zod's 95 takes Node longer than what most commands do.
 */
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** What is opened by name, by users or by Node, and from which file it is made. */
const entryPoints = {
  'src/bin': 'src/bin.ts',
  'src/index': 'src/index.ts',
  'src/testing': 'src/testing.ts',
  'src/daemon': 'src/sandbox/daemon.ts',
  'src/typescript-hooks': 'src/config/typescript-hooks.ts',
  'tasks/index': 'tasks/index.ts',
  'plugins/git/index': 'plugins/git/index.ts',
  'plugins/docker-compose/index': 'plugins/docker-compose/index.ts',
  'plugins/rsync-backup/index': 'plugins/rsync-backup/index.ts',
}

/** Every package but zod, which has nothing that would have to be there only once. */
const external = [
  '@standard-schema/spec',
  'commander',
  'cosmiconfig',
  'esbuild',
  'listr2',
  'node-ssh',
  'simple-git',
  'ssh2',
  'tsx',
  'zx',
]

rmSync(at('dist'), { recursive: true, force: true })
const run = $({ cwd: at('.'), stdio: 'inherit', nothrow: true })
const { ok } = await run`node node_modules/typescript/bin/tsc -p tsconfig.build.json`
if (!ok) process.exit(1)
await build({
  absWorkingDir: at('.'),
  entryPoints,
  outdir: 'dist',
  // Beside the program: they look for package.json from where they are.
  chunkNames: 'src/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external,
  logLevel: 'warning',
})
copyFileSync(at('node_modules/zod/LICENSE'), at('dist/zod.license'))
// npm links to this one when the package is used from a clone.
chmodSync(at('dist/src/bin.js'), 0o755)
