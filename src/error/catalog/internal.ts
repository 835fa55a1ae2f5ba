import { entry } from '../entry.ts'

/** 900 and 901: a bug in srv, or a plugin that breaks its contract. */
export const internal = {
  'SRV-900': entry<{ readonly problem: string }>({
    message: ({ problem }) => `Unexpected: ${problem}. This is a bug in srv.`,
    hint: () => 'Report it with the stack trace that `-vvv` prints.',
    exitCode: 1,
  }),
  'SRV-901': entry<{ readonly work: string }>({
    message: ({ work }) => `${work} never ended: its promise never settles, and nothing is left to wait for.`,
    hint: () => 'Await what the task or hook starts, or reject when it cannot go on.',
    exitCode: 5,
  }),
}
