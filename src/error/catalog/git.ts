import { entry } from '../entry.ts'

/** An instance on a host. */
export interface OnHost {
  readonly host: string
  readonly releases: readonly string[]
}

function listed({ host, releases }: OnHost): string {
  return `${host} has ${releases.length === 0 ? 'none' : releases.join(', ')}`
}

/** 160 to 168, 330 to 333 and 531: where code comes from, and which releases of it hosts have. */
export const git = {
  'SRV-160': entry<{ readonly instance: string; readonly repository?: string | undefined }>({
    message: ({ instance, repository }) =>
      repository === undefined
        ? `${instance} is to be fetched by its hosts, but its service has no repository.`
        : `${instance} is to be fetched by its hosts, but ${repository} is a path that only means something on this machine.`,
    hint: () => "Set the service's `repository` to a URL, or send commits from this machine with `source: 'push'`.",
    exitCode: 2,
  }),
  'SRV-161': entry<{ readonly ref: string; readonly problem: string }>({
    message: ({ ref, problem }) => `${JSON.stringify(ref)} is not the name of a branch, tag or commit: ${problem}.`,
    hint: () => 'Give a branch, a tag or a commit id, as in `--ref main`.',
    exitCode: 2,
  }),
  'SRV-162': entry<{ readonly ref: string; readonly repository: string; readonly suggestion: string }>({
    message: ({ ref, repository, suggestion }) =>
      `${repository} has no branch, tag or commit ${ref}. ${suggestion} Nothing was changed.`,
    hint: () =>
      'Choose another with `--ref`, or push the branch first. A remote can only be asked for full commit ids.',
    exitCode: 2,
  }),
  'SRV-163': entry<{ readonly ref: string; readonly repository: string; readonly names: readonly string[] }>({
    message: ({ ref, repository, names }) =>
      `${ref} is ambiguous in ${repository}: ${names.join(', ')}. Nothing was changed.`,
    hint: ({ names }) => `Say which one: \`--ref ${names[0] ?? 'refs/heads/…'}\`.`,
    exitCode: 2,
  }),
  'SRV-164': entry<{ readonly instance: string; readonly folder: string; readonly problem: string }>({
    message: ({ instance, folder, problem }) => `${instance} is deployed from ${folder}, but ${problem}.`,
    hint: () => "Run `git init` and commit there, or set the service's `repository` to a folder or a URL.",
    exitCode: 2,
  }),
  'SRV-165': entry<{ readonly instance: string; readonly folder: string; readonly repository: string }>({
    message: ({ instance, folder, repository }) =>
      `${instance} is to be pushed from this machine, but ${folder} is not a clone of ${repository}.`,
    hint: () => "Set the service's `repository` to the folder of a clone, or let hosts fetch: `source: 'remote'`.",
    exitCode: 2,
  }),
  'SRV-166': entry<{ readonly instance: string; readonly setting: string }>({
    message: ({ instance, setting }) =>
      `${instance} is deployed in place, and its \`${setting}\` only has a meaning with a folder for each release.`,
    hint: ({ setting }) => `Leave \`${setting}\` out, or set \`strategy: 'releases'\` for this instance.`,
    exitCode: 2,
  }),
  'SRV-167': entry<{ readonly instance: string; readonly repository: string }>({
    message: ({ instance, repository }) =>
      `${instance} is to be deployed from the files of a folder, but its repository ${repository} is a URL.`,
    hint: () => "Set the instance's `repository` to a folder on this machine, or leave out `source: 'files'`.",
    exitCode: 2,
  }),
  'SRV-168': entry<{ readonly instance: string; readonly folder: string; readonly problem: string }>({
    message: ({ instance, folder, problem }) =>
      `${instance} is deployed from the files in ${folder}, but ${problem}. Nothing was changed.`,
    hint: () => "Set the instance's `repository` to a folder on this machine.",
    exitCode: 2,
  }),
  'SRV-330': entry<{ readonly repository: string; readonly problem: string }>({
    message: ({ repository, problem }) =>
      `This machine cannot read the repository ${repository}: ${problem} Nothing was changed.`,
    hint: ({ repository }) => `Try it by hand: \`git ls-remote ${repository}\`.`,
    exitCode: 9,
  }),
  'SRV-331': entry<{
    readonly instance: string
    readonly release: string
    readonly lacking: readonly string[]
    readonly hosts: readonly OnHost[]
  }>({
    message: ({ instance, release, lacking, hosts }) =>
      `${instance} cannot go back to ${release}: ${lacking.join(', ')} ${lacking.length === 1 ? 'does' : 'do'} not have it. ` +
      `${hosts.map((one) => listed(one)).join('; ')}. Nothing was changed.`,
    hint: () => 'Choose a release that every host has with `--to`, or fewer hosts with `--host`.',
    exitCode: 9,
  }),
  'SRV-332': entry<{ readonly instance: string; readonly hosts: readonly OnHost[] }>({
    message: ({ instance, hosts }) =>
      `${instance} has no earlier release that all its hosts could go back to. ` +
      `${hosts.map((one) => listed(one)).join('; ')}. Nothing was changed.`,
    hint: () => 'Deploy an older commit instead: `srv deploy <environment> --ref <commit>`.',
    exitCode: 9,
  }),
  'SRV-333': entry<{ readonly instance: string; readonly release: string; readonly suggestion: string }>({
    message: ({ instance, release, suggestion }) =>
      `No host has a release ${release} of ${instance}. ${suggestion} Nothing was changed.`,
    hint: () => '`srv releases <environment>` lists what each host has.',
    exitCode: 9,
  }),
  'SRV-531': entry<{ readonly target: string; readonly problem: string }>({
    message: ({ target, problem }) => `git push to ${target} failed: ${problem}. What serves there was not touched.`,
    hint: () => 'Read the lines above; a full disk or a missing permission on the host is the usual reason.',
    exitCode: 5,
  }),
}
