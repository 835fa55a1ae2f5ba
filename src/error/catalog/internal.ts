import { entry } from '../entry.ts'

/** 9xx: srv itself is wrong, or a plugin broke the contract. */
export const internal = {
  'SRV-900': entry<{ readonly problem: string }>({
    message: ({ problem }) => `Unexpected: ${problem}. This is a bug in srv.`,
    hint: () => 'Report it with the stack trace that `-vvv` prints.',
    exitCode: 1,
  }),
  'SRV-901': entry<{ readonly work: string }>({
    message: ({ work }) => `${work} never ended: its promise does not settle, and nothing is left to wait for.`,
    hint: () => 'Await what the task or hook starts, or reject when it cannot go on.',
    exitCode: 5,
  }),
}
