/** The refs that a remote listed, annotated tags peeled to their commits. */
export interface RemoteRefs {
  /** Commit by full name: `refs/heads/main`, `HEAD`. */
  readonly commits: ReadonlyMap<string, string>
  /** The branch that `HEAD` stands for. */
  readonly head?: string
}

/** Reads the output of `git ls-remote --symref`. */
export function parseRefs(text: string): RemoteRefs {
  const commits = new Map<string, string>()
  let head: string | undefined
  for (const line of text.split('\n')) {
    const [left = '', name = ''] = line.split('\t')
    if (name === '') continue
    if (left.startsWith('ref: ')) {
      if (name === 'HEAD') head = left.slice('ref: '.length)
    } else {
      // The peeled line of a tag follows the tag's own and is the commit behind it.
      commits.set(name.replace(/\^\{\}$/, ''), left)
    }
  }
  return head === undefined ? { commits } : { commits, head }
}

/** The name as people say it: without `refs/heads/` or `refs/tags/`. */
export function shortName(ref: string): string {
  return ref.replace(/^refs\/(heads|tags|remotes)\//, '')
}
