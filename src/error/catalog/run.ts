import { entry } from '../entry.ts'

/** A step on one of its targets. */
export interface Step {
  readonly task: string
  readonly target: string
}

/** 501 to 512, 515, 516 and 599: a run failed; the summary that follows says what serves now. */
export const run = {
  'SRV-501': entry<Step & { readonly code: number; readonly reason?: string | undefined }>({
    message: ({ task, target, code, reason }) =>
      reason === undefined
        ? `${task} failed on ${target} with exit status ${code}.`
        : `${task} failed on ${target}: ${reason}.`,
    hint: () => 'Read the lines above; `-v` shows all output of each step.',
    exitCode: 5,
  }),
  'SRV-502': entry<Step & { readonly timeoutMs: number; readonly stopped: boolean }>({
    message: ({ task, target, timeoutMs, stopped }) =>
      `${task} on ${target} took longer than its limit of ${timeoutMs / 1000} s and was ${stopped ? 'stopped' : 'told to stop, but may still be running'}.`,
    hint: () => 'Raise the limit in the config if the step needs longer.',
    exitCode: 5,
  }),
  'SRV-503': entry<Step & { readonly reason: string }>({
    message: ({ task, target, reason }) =>
      `The connection was lost during ${task} on ${target} (${reason}): whether it succeeded is unknown.`,
    hint: () => 'The host stops what was left running by itself. Check it with `srv status`, then deploy again.',
    exitCode: 5,
  }),
  'SRV-504': entry<Step>({
    message: ({ task, target }) => `${task} on ${target} was interrupted and stopped.`,
    hint: () => 'Run the same command again to go on.',
    exitCode: 130,
  }),
  'SRV-505': entry<Step & { readonly problem: string }>({
    message: ({ task, target, problem }) => `${task} failed on ${target}: ${problem}`,
    hint: () => 'The error comes from the task itself; `-vvv` prints where.',
    exitCode: 5,
  }),
  'SRV-506': entry<Step & { readonly signal: string }>({
    message: ({ task, target, signal }) => `${task} on ${target} was killed by ${signal}.`,
    hint: () => 'On Linux, SIGKILL usually means that memory ran out: `dmesg` on the host tells.',
    exitCode: 5,
  }),
  'SRV-507': entry<{ readonly target: string; readonly release: string; readonly problem: string }>({
    message: ({ target, release, problem }) =>
      `${target} passed its health check, but release ${release} no longer serves: ${problem}.`,
    hint: () => 'Go back with `srv rollback`, and read the log with `srv logs`.',
    exitCode: 7,
  }),
  'SRV-508': entry<Step & { readonly hook: string; readonly problem: string }>({
    message: ({ hook, target, problem }) => `The hook ${hook} failed on ${target}: ${problem}`,
    hint: () => "A hook's failure is its step's failure: fix the hook, or remove it from the config.",
    exitCode: 5,
  }),
  'SRV-509': entry<Step & { readonly output: string }>({
    message: ({ task, target, output }) => `The host ${target} could not read the script of ${task}: ${output}`,
    hint: () => 'Shell text in the config must be valid for /bin/sh on the host.',
    exitCode: 5,
  }),
  'SRV-515': entry<Step & { readonly host: string }>({
    message: ({ task, target, host }) => `${task} failed on ${target}: a disk of ${host} is full.`,
    hint: ({ host }) => `Make room on ${host}, then run the same command again; \`df -h\` there shows which disk.`,
    exitCode: 5,
  }),
  'SRV-510': entry<{ readonly target: string; readonly problem: string }>({
    message: ({ target, problem }) => `All steps succeeded, but what serves on ${target} is unknown: ${problem}.`,
    hint: () => '`srv status` checks again.',
    exitCode: 7,
  }),
  'SRV-511': entry<{ readonly host: string; readonly how: string }>({
    message: ({ host, how }) => `The command failed on ${host}: ${how}.`,
    hint: () => 'With `--raw` on one host, srv exits as the command did.',
    exitCode: 5,
  }),
  'SRV-512': entry<{ readonly target: string; readonly problem: string }>({
    message: ({ target, problem }) => `The log of ${target} could not be read: ${problem}.`,
    hint: () => '`srv status` shows whether it runs at all.',
    exitCode: 5,
  }),
  'SRV-516': entry<{ readonly until: string; readonly left: string }>({
    message: ({ until, left }) => `Interrupted before ${until}. ${left}`,
    hint: () => 'Run the same command again; where a host does not answer, name those that do.',
    exitCode: 130,
  }),
  'SRV-599': entry<{ readonly target: string; readonly problem: string }>({
    message: ({ target, problem }) => `${target} could not be put back: ${problem} It may be DOWN.`,
    hint: () => 'Look now: `srv status`, `srv logs`.',
    exitCode: 7,
  }),
}
