import { entry } from '../entry.ts'

/** 9xx: srv itself is wrong, or a plugin broke the contract. */
export const internal = {
  'SRV-900': entry<{ readonly problem: string }>({
    message: ({ problem }) => `Unexpected: ${problem}. This is a bug in srv.`,
    hint: () => 'Report it with the stack trace that `-vvv` prints.',
    exitCode: 1,
  }),
  'SRV-901': entry<{ readonly tasks: readonly string[] }>({
    message: ({ tasks }) => `Nothing is left to wait for, but these never finished: ${tasks.join(', ')}.`,
    hint: () => 'A promise in that task or hook never settles: await what it starts, or reject when it cannot go on.',
    exitCode: 1,
  }),
}
