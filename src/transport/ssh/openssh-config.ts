import { execFile } from 'node:child_process'

/** What `ssh -G` says, by lower-case keyword; a keyword may come several times. */
export type OpensshConfig = ReadonlyMap<string, readonly string[]>

/** The answer of `ssh -G`, its refusal, or that there is no ssh on this machine. */
export type Asked =
  | { readonly kind: 'config'; readonly config: OpensshConfig }
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'no-ssh' }

/** What to ask for, and with which ssh. */
export interface Question {
  readonly address: string
  readonly user?: string
  readonly port?: number
  /** An ssh_config to read instead of the user's own. */
  readonly configFile?: string
  /** @default `ssh` on the PATH */
  readonly program?: string
}

function parse(text: string): OpensshConfig {
  const config = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ')
    if (space < 0) continue
    const keyword = line.slice(0, space)
    const values = config.get(keyword) ?? []
    values.push(line.slice(space + 1).trim())
    config.set(keyword, values)
  }
  return config
}

/** Asks OpenSSH what the user's ssh_config means for an address: Host, Match, Include and tokens are then right by construction. */
export async function askOpenssh(question: Question): Promise<Asked> {
  const args = ['-G']
  if (question.configFile !== undefined) args.push('-F', question.configFile)
  if (question.port !== undefined) args.push('-p', String(question.port))
  if (question.user !== undefined) args.push('-l', question.user)
  args.push('--', question.address)
  return new Promise((resolve) => {
    const child = execFile(question.program ?? 'ssh', args, { timeout: 15_000 }, (error, stdout, stderr) => {
      if (error === null) resolve({ kind: 'config', config: parse(stdout) })
      else if (error.code === 'ENOENT') resolve({ kind: 'no-ssh' })
      else {
        const said = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('Pseudo-terminal'))
        resolve({ kind: 'refused', problem: said.join(' ') || error.message })
      }
    })
    child.stdin?.end()
  })
}

/** The file names in a value of `UserKnownHostsFile`: `ssh -G` prints names with blanks in them without quotes. */
export function splitFiles(value: string): readonly string[] {
  const files: string[] = []
  for (const part of value.split(' ')) {
    const startsFile = /^[~/]/.test(part) || part === 'none' || files.length === 0
    if (startsFile) files.push(part)
    else files.push(`${files.pop() ?? ''} ${part}`)
  }
  return files.filter((file) => file !== 'none' && file !== '')
}
