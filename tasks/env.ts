import { defineTask, lines, sh, writeVariables } from '../src/index.ts'

/** Places the variables of the config beside the code as `.env`, readable by the login user only. */
export const env = defineTask({
  title: 'Write .env',
  on: 'instance',
  applies: ({ instance }) => Object.keys(instance.env).length > 0,
  skip: ({ next }) => (next === undefined ? 'no release is being prepared' : undefined),
  describe: ({ instance }) => `write .env: ${Object.keys(instance.env).join(', ')}`,
  script: ({ instance, next }) =>
    next === undefined
      ? undefined
      : lines(sh`folder=${next.folder}`, writeVariables('"$folder/.env"', Object.entries(instance.env))),
})
