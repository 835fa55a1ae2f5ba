import { entry } from '../entry.ts'

/** 101 to 110: the config is wrong or missing; nothing was contacted. */
export const usage = {
  'SRV-101': entry<{ readonly file: string; readonly problems: readonly string[] }>({
    message: ({ file, problems }) =>
      [
        `${file} has ${problems.length === 1 ? 'a problem' : `${String(problems.length)} problems`}; nothing was contacted:`,
        ...problems.map((problem) => `  ${problem}`),
      ].join('\n'),
    hint: () => 'Correct it and run the same command again; an editor with TypeScript shows most of these as you type.',
    exitCode: 2,
  }),
  'SRV-102': entry<{ readonly file: string; readonly line: number; readonly column: number; readonly problem: string }>(
    {
      message: ({ file, line, column, problem }) =>
        `${file}:${String(line)}:${String(column)} cannot be read: ${problem} Nothing was contacted.`,
      hint: () => 'Correct the syntax at that place.',
      exitCode: 2,
    },
  ),
  'SRV-103': entry<{ readonly file: string; readonly at?: string; readonly problem: string }>({
    message: ({ file, at, problem }) =>
      `${file} failed while it was loaded${at === undefined ? '' : `, at ${at}`}: ${problem} Nothing was contacted.`,
    hint: () => 'Correct the config, or the module that it imports: loading it should do nothing but declare things.',
    exitCode: 2,
  }),
  'SRV-104': entry<{ readonly file: string; readonly found: string }>({
    message: ({ file, found }) =>
      `${file} has ${found} as its default export, which is not a config. Nothing was contacted.`,
    hint: () => 'Write `export default defineConfig({ … })`, with defineConfig from srvkit.',
    exitCode: 2,
  }),
  'SRV-105': entry<{ readonly from: string; readonly root?: string }>({
    message({ from, root }) {
      const here = `There is no srv.config.ts (or .mts, .js, .mjs) in ${from}`
      if (root === undefined) return `${here}, and it is in no repository or package that could have one further up.`
      return `${here}${root === from ? '' : `, nor above it up to ${root}`}, the root of the repository or package.`
    },
    hint: () => 'Run srv inside your project, name the file with `--config`, or write one: see docs/config.md.',
    exitCode: 2,
  }),
  'SRV-106': entry<{ readonly file: string; readonly reason: string }>({
    message: ({ file, reason }) =>
      `${file} was not loaded, because ${reason}: loading a config runs it as your user. Nothing was contacted.`,
    hint: ({ file }) => `Read it first; if it is yours: chown "$(id -u)" ${file} && chmod go-w ${file}`,
    exitCode: 2,
  }),
  'SRV-107': entry<{ readonly file: string }>({
    message: ({ file }) => `There is no config file ${file}. Nothing was contacted.`,
    hint: () => 'Correct the path after --config; it is relative to the current folder.',
    exitCode: 2,
  }),
  'SRV-108': entry<{ readonly file: string }>({
    message: ({ file }) =>
      `${file} cannot be loaded: it imports a .js file that is an ES module, but its package.json does not say "type": "module". Nothing was contacted.`,
    hint: () => 'Rename the imported file to .mjs or .ts, or add "type": "module" to package.json.',
    exitCode: 2,
  }),
  'SRV-110': entry<{ readonly environment: string; readonly suggestion: string }>({
    message: ({ environment, suggestion }) =>
      `The config has no environment ${environment}. ${suggestion} Nothing was contacted.`,
    hint: () => 'Name one of the environments, or add it under `environments` in the config.',
    exitCode: 2,
  }),
}
