import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How a version of the app behaves. */
export type Behaviour = 'healthy' | 'build fails' | 'exits at once' | 'dies after two seconds'

const starts: Readonly<Record<Behaviour, string>> = {
  healthy: 'exec busybox httpd -f -p "$PORT" -h www',
  'build fails': 'exec busybox httpd -f -p "$PORT" -h www',
  'exits at once': 'echo "cannot read its settings" >&2; exit 3',
  'dies after two seconds': 'timeout 2 busybox httpd -f -p "$PORT" -h www; echo "lost its database" >&2; exit 4',
}

/** A git repository with a small web server, in versions that behave as a test asks. */
export class App {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    mkdirSync(join(folder, 'www'), { recursive: true })
    this.git('init', '--quiet', '--initial-branch=main')
  }

  /** Commits a version whose page is its name; returns the commit. */
  commit(version: string, behaviour: Behaviour = 'healthy'): string {
    const build = behaviour === 'build fails' ? 'echo "no such module"; exit 9' : `cp page www/index.html`
    writeFileSync(join(this.folder, 'page'), `${version}\n`)
    writeFileSync(join(this.folder, 'build.sh'), `#!/bin/sh\nset -e\nmkdir -p www\n${build}\n`)
    writeFileSync(join(this.folder, 'start.sh'), `#!/bin/sh\necho "starts ${version}"\n${starts[behaviour]}\n`)
    chmodSync(join(this.folder, 'start.sh'), 0o755)
    this.git('add', '--all')
    this.git('commit', '--quiet', '--message', version)
    return this.git('rev-parse', 'HEAD')
  }

  private git(...args: readonly string[]): string {
    const identity = ['-c', 'user.name=Lab', '-c', 'user.email=lab@example.org']
    return execFileSync('git', [...identity, ...args], { cwd: this.folder, encoding: 'utf8' }).trim()
  }
}
