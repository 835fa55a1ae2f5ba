import type { SimpleGit, StatusResult } from 'simple-git'

/** What git said on this machine, or why it failed. */
export type GitAnswer<T> = { readonly ok: true; readonly said: T } | { readonly ok: false; readonly problem: string }

type Variables = Readonly<Record<string, string>>

/** Runs a command of git, with more variables where it needs them; what it says is trimmed. */
export type AskGit = (folder: string, command: readonly string[], variables?: Variables) => Promise<GitAnswer<string>>

/** Git on this machine; nothing of it rejects for what git answers. */
export interface LocalGit {
  readonly ask: AskGit
  /** What is checked out, and what of it is not committed: all, or what these paths match. */
  readonly status: (folder: string, paths: readonly string[]) => Promise<GitAnswer<StatusResult>>
}

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

async function answerOf<T>(asked: Promise<T>): Promise<GitAnswer<T>> {
  try {
    return { ok: true, said: await asked }
  } catch (error) {
    return { ok: false, problem: (error instanceof Error ? error.message : String(error)).trim() }
  }
}

/**
 * Git on this machine through simple-git, with three of its defaults undone: the user's own `GIT_*` variables are
 * handed on (without `GIT_SSH_COMMAND` or `GIT_ASKPASS` a login fails), any exit status but 0 is a failure (by default
 * only one with text on standard error is), and git never stops to ask for a password.
 */
export function localGit(signal: AbortSignal): LocalGit {
  const open = async (folder: string, variables: Variables = {}): Promise<{ readonly git: SimpleGit }> => {
    const { simpleGit } = await import('simple-git')
    const env = { ...environment(), ...variables }
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
        return stdErr.length > 0 ? Buffer.concat(stdErr) : Buffer.from(`git ended with exit status ${String(exitCode)}`)
      },
    })
    return { git: git.env(env) }
  }
  const ask = async (folder: string, command: readonly string[], variables?: Variables): Promise<string> => {
    const { git } = await open(folder, variables)
    return (await git.raw([...command])).trim()
  }
  const status = async (folder: string, paths: readonly string[]): Promise<StatusResult> => {
    const { git } = await open(folder)
    // A folder that git knows nothing of is one change, as people see it; simple-git would have each of its files told.
    return git.status(['--untracked-files=normal', '--', ...paths])
  }
  return {
    ask: (folder, command, variables) => answerOf(ask(folder, command, variables)),
    status: (folder, paths) => answerOf(status(folder, paths)),
  }
}
