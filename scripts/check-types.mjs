import { fileURLToPath } from 'node:url'
import { $ } from 'zx'

/** Checks the project with the TypeScript it is written in, and what users see of it with every supported version. */
const check = $({ cwd: fileURLToPath(new URL('..', import.meta.url)), nothrow: true, quiet: true })

const runs = [
  ['typescript', '.'],
  ['typescript', 'test/types'],
  ['typescript-5.9', 'test/types'],
  ['typescript-7', 'test/types'],
]

const checked = await Promise.all(
  runs.map(async ([compiler, project]) => ({
    said: await check`node node_modules/${compiler}/bin/tsc -p ${project}`,
    what: `${compiler} found errors in ${project === '.' ? 'the project' : project}`,
  })),
)
for (const { said, what } of checked.filter(({ said }) => !said.ok)) console.error(`${said.stdout}${what}`)
process.exitCode = checked.every(({ said }) => said.ok) ? 0 : 1
