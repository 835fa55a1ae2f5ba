/** A command line, cut where the words of another program begin. */
export interface CutWords {
  /** Those for srv. */
  readonly own: readonly string[]
  /** `--` and what follows it: nothing in there is an option of srv. */
  readonly behind: readonly string[]
}

/** Cuts a command line at its first `--`. */
export function cutWords(argv: readonly string[]): CutWords {
  const at = argv.indexOf('--')
  return at === -1 ? { own: argv, behind: [] } : { own: argv.slice(0, at), behind: argv.slice(at) }
}

/** Whether help is asked for. */
export function asksForHelp(argv: readonly string[]): boolean {
  const { own } = cutWords(argv)
  return own.includes('--help') || own.includes('-h')
}

/** How often `-v` was given: before a command line is parsed, or when it cannot be. */
export function verbosityOf(argv: readonly string[]): number {
  return cutWords(argv).own.reduce((sum, word) => {
    if (word === '--verbose') return sum + 1
    return /^-v+$/.test(word) ? sum + word.length - 1 : sum
  }, 0)
}
