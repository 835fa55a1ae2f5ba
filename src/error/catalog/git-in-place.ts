import { entry } from '../entry.ts'

/** A checkout on a host: `blog/native@web1`, and the folder in which it is. */
export interface Checkout {
  readonly target: string
  readonly folder: string
}

/** A checkout, where it stands, and where it was to go: full commit ids. */
export interface Way extends Checkout {
  readonly head: string
  readonly commit: string
}

/** How many names are shown of a list that may be long. */
const shownNames = 10

function named(names: readonly string[]): string {
  const more = names.length - shownNames
  return `${names.slice(0, shownNames).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`
}

function short(commit: string): string {
  return commit.slice(0, 7)
}

const untouched = 'Nothing was changed there.'

/** 334 to 349: why a checkout that serves was left alone. */
export const gitInPlace = {
  'SRV-334': entry<Checkout & { readonly commit: string }>({
    message: ({ target, commit }) =>
      `The commit ${short(commit)} keeps files in Git LFS, and ${target} cannot get them: git-lfs is not installed. ${untouched}`,
    hint: () => 'On the host: install the package git-lfs, and run `git lfs install` as the user that srv logs in as.',
    exitCode: 9,
  }),
  'SRV-335': entry<Checkout & { readonly commit: string }>({
    message: ({ target, commit }) =>
      `The commit ${short(commit)} has its own .env file, which the variables of the config would overwrite on ${target}. ${untouched}`,
    hint: () => 'Take .env out of the repository, or `env` out of the config.',
    exitCode: 9,
  }),
  'SRV-336': entry<Checkout>({
    message: ({ target, folder }) =>
      `${folder}/.env on ${target} was not written by srv, and the variables of the config would overwrite it. ${untouched}`,
    hint: () => 'Move its lines to `env` in the config, then move the file away.',
    exitCode: 9,
  }),
  'SRV-337': entry<Checkout & { readonly commit: string; readonly isSkipped: boolean }>({
    message: ({ target, commit, isSkipped }) =>
      `The commit ${short(commit)} keeps files in Git LFS, and git on ${target} would check out only their pointers: ${
        isSkipped ? '`git lfs install --skip-smudge` was run there' : '`git lfs install` was never run there'
      }. ${untouched}`,
    hint: () => 'On the host, as the user that srv logs in as: `git lfs install --force`.',
    exitCode: 9,
  }),
  'SRV-338': entry<Checkout & { readonly commit: string; readonly problem: string }>({
    message: ({ target, commit, problem }) =>
      `The commit ${short(commit)} keeps files in Git LFS, and ${target} could not get them: ${problem}. ${untouched}`,
    hint: () =>
      'The host fetches them itself, even when srv sends the commit: it must reach the LFS server of the repository, and have the credentials for it.',
    exitCode: 9,
  }),
  'SRV-339': entry<Checkout & { readonly commit: string; readonly files: readonly string[] }>({
    message: ({ target, commit, files }) =>
      `Git on ${target} checked out pointers of ${short(commit)} instead of the files that Git LFS keeps: ${named(files)}.`,
    hint: ({ folder }) =>
      `See on the host what \`git -C ${folder} config --get-regexp ^filter.lfs\` says, and fix it with \`git lfs install --force\`.`,
    exitCode: 5,
  }),
  'SRV-340': entry<Checkout & { readonly files: readonly string[] }>({
    message: ({ target, folder, files }) =>
      `${target} has uncommitted changes in ${folder}: ${named(files)}. ${untouched}`,
    hint: ({ folder }) =>
      `Look at them on the host: \`git -C ${folder} diff HEAD\`. Commit them, or set them aside with \`git stash\`; build output belongs in .gitignore.`,
    exitCode: 9,
  }),
  'SRV-341': entry<Checkout & { readonly problem: string }>({
    message: ({ target, folder, problem }) =>
      `${target} is deployed in place, but ${folder} is not a checkout: ${problem}. ${untouched}`,
    hint: ({ folder }) => `Move it away, and srv clones the repository: mv ${folder} ${folder}.old`,
    exitCode: 9,
  }),
  'SRV-342': entry<Checkout>({
    message: ({ target, folder }) =>
      `The repository in ${folder} on ${target} has no commit yet: srv did not create it, and cannot tell what it is for. ${untouched}`,
    hint: ({ folder }) => `Move it away, and srv clones the repository: mv ${folder} ${folder}.old`,
    exitCode: 9,
  }),
  'SRV-343': entry<Checkout & { readonly remotes: readonly string[]; readonly repository: string }>({
    message: ({ target, folder, remotes, repository }) =>
      `${folder} on ${target} is a checkout of ${remotes.join(' and ')}, but the config says ${repository}. ${untouched}`,
    hint: ({ folder, repository }) =>
      `If they are the same: \`git -C ${folder} remote set-url origin ${repository}\` on the host.`,
    exitCode: 9,
  }),
  'SRV-344': entry<Checkout & { readonly operation: string }>({
    message: ({ target, folder, operation }) =>
      `Somebody is in the middle of a ${operation} in ${folder} on ${target}. ${untouched}`,
    hint: ({ folder, operation }) =>
      operation === 'bisect'
        ? `End it on the host: \`git -C ${folder} bisect reset\`.`
        : `Finish it on the host, or give it up: \`git -C ${folder} ${operation} --abort\`.`,
    exitCode: 9,
  }),
  'SRV-345': entry<Way>({
    message: ({ target, head, commit }) =>
      `${target} is at ${short(head)}, which is not an ancestor of ${short(commit)}: the branch was force-pushed, or somebody committed on the host. ${untouched}`,
    hint: () => 'If the commits on the host may be dropped, allow it for this instance: `git: { reset: true }`.',
    exitCode: 9,
  }),
  'SRV-346': entry<Way>({
    message: ({ target, head, commit }) =>
      `${target} is at ${short(head)}, which is newer than ${short(commit)}: a deploy only goes forward. ${untouched}`,
    hint: () => 'Go back with `srv rollback`, or allow it for this instance: `git: { reset: true }`.',
    exitCode: 9,
  }),
  'SRV-347': entry<Way>({
    message: ({ target, folder, head, commit }) =>
      `${folder} on ${target} is a shallow checkout at ${short(head)}: srv cannot tell whether that is an ancestor of ${short(commit)}. ${untouched}`,
    hint: ({ folder }) => `Fetch the rest of its history, on the host: \`git -C ${folder} fetch --unshallow\`.`,
    exitCode: 9,
  }),
  'SRV-348': entry<Checkout & { readonly commit: string; readonly files: readonly string[] }>({
    message: ({ target, folder, commit, files }) =>
      `${folder} on ${target} has untracked files that ${short(commit)} would overwrite: ${named(files)}. ${untouched}`,
    hint: () => 'Move them away on the host, then deploy again.',
    exitCode: 9,
  }),
  'SRV-349': entry<Checkout & { readonly commit: string; readonly paths: readonly string[] }>({
    message: ({ target, commit, paths }) =>
      `The commit ${short(commit)} has submodules (${named(paths)}), which srv does not update in place on ${target}. ${untouched}`,
    hint: () => 'Add their files to the repository, or fetch them in `build`.',
    exitCode: 9,
  }),
}
