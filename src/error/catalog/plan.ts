import { entry } from '../entry.ts'

/** 114 to 116, 121 and 124: why a plan cannot be made; nothing was contacted. */
export const plan = {
  'SRV-114': entry<{ readonly pipelines: readonly string[] }>({
    message: ({ pipelines }) => `A pipeline contains itself: ${pipelines.join(' → ')}. Nothing was contacted.`,
    hint: () => 'Remove the last one from the one before it.',
    exitCode: 2,
  }),
  'SRV-115': entry<{ readonly step: string; readonly suggestion: string }>({
    message: ({ step, suggestion }) => `No task or pipeline is called ${step}. ${suggestion} Nothing was contacted.`,
    hint: () => '`srv tasks` lists all of them.',
    exitCode: 2,
  }),
  'SRV-116': entry<{ readonly pipeline: string; readonly suggestion: string }>({
    message: ({ pipeline, suggestion }) =>
      `No command or pipeline is called ${pipeline}. ${suggestion} Nothing was contacted.`,
    hint: () => '`srv --help` lists the commands, `srv tasks` the pipelines of this project.',
    exitCode: 2,
  }),
  'SRV-121': entry<{ readonly name: string; readonly problem: string }>({
    message: ({ name, problem }) => `The secret ${name} could not be read: ${problem}.`,
    hint: ({ name }) => `Set the environment variable ${name}, or see how the config reads it.`,
    exitCode: 2,
  }),
  'SRV-124': entry<Readonly<Record<'name' | 'service' | 'first', string>>>({
    message: ({ name, service, first }) =>
      `All instances of ${service} share one data folder, which is handled through ${first}: there is nothing to do for ${name} alone. Nothing was contacted.`,
    hint: ({ name, service, first }) => `Name ${service} or ${first} instead of ${name}.`,
    exitCode: 2,
  }),
}
