/** First words that are the shell's own: `exec` cannot take them. */
const shellWords = new Set([
  '!', '.', ':', '[', 'alias', 'case', 'cd', 'command', 'eval', 'exec', 'exit', 'export', 'for', 'if', 'read', 'readonly',
  'set', 'shift', 'source', 'test', 'time', 'trap', 'ulimit', 'umask', 'unset', 'until', 'wait', 'while',
]) // prettier-ignore

/**
 * The text for `sh -c` that runs a command line of the config. A simple command takes the shell's place, so that the
 * supervisor's process is the app itself; anything else keeps the shell.
 */
export function commandLine(exec: string): string {
  const [first = ''] = exec.trim().split(/\s+/)
  const isSimple = !/[;&|<>()`\n{}#]/.test(exec) && !first.includes('=') && !shellWords.has(first)
  return isSimple ? `exec ${exec.trim()}` : exec
}
