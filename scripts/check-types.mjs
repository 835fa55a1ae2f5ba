import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Checks the project with the TypeScript it is written in, and what users see of it with every supported version. */
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))

const runs = [
  ['typescript', '.'],
  ['typescript', 'test/types'],
  ['typescript-5.9', 'test/types'],
  ['typescript-7', 'test/types'],
]

let failed = false
for (const [compiler, project] of runs) {
  const { status } = spawnSync(process.execPath, [at(`node_modules/${compiler}/bin/tsc`), '-p', at(project)], {
    stdio: 'inherit',
  })
  if (status !== 0) {
    console.error(`${compiler} found errors in ${project === '.' ? 'the project' : project}`)
    failed = true
  }
}
process.exitCode = failed ? 1 : 0
