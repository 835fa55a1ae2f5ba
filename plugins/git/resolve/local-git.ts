/** What git said on this machine: trimmed standard output, or why it failed. */
export type GitAnswer =
  { readonly ok: true; readonly stdout: string } | { readonly ok: false; readonly problem: string }

/** Runs git on this machine, with extra variables where it needs them; it never rejects because of what git answers. */
export type AskGit = (
  folder: string,
  command: readonly string[],
  variables?: Readonly<Record<string, string>>,
) => Promise<GitAnswer>

/** Variables by which a calling git, such as a hook, points at its own repository. Ours is the one in `folder`. */
const local = [
  'DIR',
  'WORK_TREE',
  'INDEX_FILE',
  'PREFIX',
  'OBJECT_DIRECTORY',
  'COMMON_DIR',
  'NAMESPACE',
  'SHALLOW_FILE',
]

function environment(): Record<string, string> {
  const own = local.map((name) => `GIT_${name}`)
  const given = Object.entries(process.env).flatMap(([name, value]): [string, string][] =>
    value === undefined || own.includes(name) ? [] : [[name, value]],
  )
  return { ...Object.fromEntries(given), GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' }
}

/**
 * Git on this machine through simple-git, with three of its defaults undone: the user's own `GIT_*` variables are
 * handed on (without `GIT_SSH_COMMAND` or `GIT_ASKPASS` a login fails), any exit status but 0 is a failure (by default
 * only one with text on standard error is), and git never stops to ask for a password.
 */
export function askGit(signal: AbortSignal): AskGit {
  return async (folder, command, variables = {}) => {
    const { simpleGit } = await import('simple-git')
    const env = { ...environment(), ...variables }
    try {
      const git = simpleGit({
        baseDir: folder,
        abort: signal,
        allowEnvironment: Object.keys(env),
        unsafe: {
          allowUnsafeAskPass: true,
          allowUnsafeConfigEnvCount: true,
          allowUnsafeConfigPaths: true,
          allowUnsafeDiffExternal: true,
          allowUnsafeEditor: true,
          allowUnsafeExec: true,
          allowUnsafeGitProxy: true,
          allowUnsafePager: true,
          allowUnsafeSshCommand: true,
          allowUnsafeTemplateDir: true,
        },
        errors: (error, { exitCode, stdErr }) => {
          if (error !== undefined || exitCode === 0) return error
          return stdErr.length > 0
            ? Buffer.concat(stdErr)
            : Buffer.from(`git ended with exit status ${String(exitCode)}`)
        },
      })
      return { ok: true, stdout: (await git.env(env).raw([...command])).trim() }
    } catch (error) {
      return { ok: false, problem: (error instanceof Error ? error.message : String(error)).trim() }
    }
  }
}
