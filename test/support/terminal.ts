import { spawn } from 'node:child_process'
import { quote } from '../../src/shell/quote.ts'

/** A program on a terminal of its own: what it shows, and what is typed. */
export interface Terminal {
  /** Waits until this text is on the screen, and gives everything that was shown up to now. @throws Error when the program ends before */
  shows(text: string): Promise<string>
  type(text: string): void
  /** The exit code, and everything that was shown. */
  readonly ended: Promise<{ readonly code: number | null; readonly screen: string }>
}

/** Runs a program on a real terminal, which `script` of util-linux makes; it hands the exit code on. */
export function onTerminal(argv: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Terminal {
  const child = spawn('script', ['-qefc', argv.map((word) => quote(word)).join(' '), '/dev/null'], { cwd, env })
  let screen = ''
  let hasEnded = false
  const listeners = new Set<() => void>()
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text
    tell()
  })
  const ended = new Promise<{ readonly code: number | null; readonly screen: string }>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      hasEnded = true
      tell()
      resolve({ code, screen })
    })
  })
  return {
    ended,
    type: (text) => child.stdin.write(text),
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!screen.includes(text) && !hasEnded) return
          listeners.delete(look)
          if (screen.includes(text)) resolve(screen)
          else reject(new Error(`it ended without showing ${text}:\n${screen}`))
        }
        listeners.add(look)
        look()
      }),
  }
}
