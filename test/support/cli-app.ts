import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** How a version of the app behaves. */
export type Behaviour = 'healthy' | 'exits at once' | 'dies after two seconds' | 'never listens'

const ends: Readonly<Record<Behaviour, string>> = {
  healthy: '',
  'exits at once': `console.error('cannot read its settings')\nprocess.exit(3)\n`,
  'dies after two seconds': `setTimeout(() => { console.error('lost its database'); process.exit(4) }, 2000)\n`,
  'never listens': `setInterval(() => {}, 1000)\nawait new Promise(() => {})\n`,
}

/**
 * Listens on a port that is free, and says in the service's data which one: many hosts of a test share one machine. A disk
 * that is full for the moment does not end it.
 */
function program(version: string, behaviour: Behaviour): string {
  return `import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'

${ends[behaviour]}
const commit = readFileSync('REVISION', 'utf8').trim()
const { SRV_DATA = '.', PORT = '0', GREETING = '' } = process.env
const page = JSON.stringify({ version: ${JSON.stringify(version)}, commit, greeting: GREETING })
const server = createServer((request, response) => response.end(page))
server.listen(Number(PORT), '127.0.0.1', () => {
  const { port } = server.address()
  const tell = () => {
    try {
      writeFileSync(SRV_DATA + '/port.new', String(port))
      renameSync(SRV_DATA + '/port.new', SRV_DATA + '/port')
    } catch {
      setTimeout(tell, 20)
    }
  }
  tell()
  console.log(${JSON.stringify(`${version} listens`)})
})
process.on('SIGTERM', () => process.exit(0))
process.stdout.on('error', () => {})
`
}

/** A git repository with a small web server, in versions that behave as a test asks. */
export class App {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    mkdirSync(folder, { recursive: true })
    this.git('init', '--quiet', '--initial-branch=main')
  }

  /** Commits a version whose page says its name, with further files beside it; returns the commit. */
  commit(
    version: string,
    options: {
      readonly behaviour?: Behaviour
      readonly files?: Readonly<Record<string, string>>
      readonly below?: string
    } = {},
  ): string {
    const { behaviour = 'healthy', files = {}, below = '.' } = options
    const written = { [`${below}/app.mjs`]: program(version, behaviour), ...files }
    for (const [name, text] of Object.entries(written)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true })
      writeFileSync(join(this.folder, name), text)
    }
    this.git('add', '--all')
    this.git('commit', '--quiet', '--allow-empty', '--message', version)
    return this.git('rev-parse', 'HEAD')
  }

  /** Runs git in the repository, with an identity of its own. */
  git(...args: readonly string[]): string {
    const identity = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org']
    return execFileSync('git', [...identity, ...args], { cwd: this.folder, encoding: 'utf8' }).trim()
  }
}
