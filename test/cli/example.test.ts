import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env as environment } from 'node:process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { App } from '../support/cli-app.ts'
import { startProgram, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { program, repository } from '../support/project-folder.ts'

/** A copy of this repository as a clone has it, with this build: what a sandbox host serves is the folder's own. */
class Clone {
  readonly top = realpathSync(mkdtempSync(join(tmpdir(), 'srv-example-')))
  readonly folder: string
  readonly #app: App

  constructor(example = '') {
    const project = join(this.top, 'project')
    for (const name of ['package.json', 'srv.config.ts', 'examples', '.gitignore']) {
      cpSync(join(repository, name), join(project, name), {
        recursive: true,
        filter: (path) => !path.endsWith('/.srv'),
      })
    }
    symlinkSync(join(repository, 'node_modules'), join(this.top, 'node_modules'))
    symlinkSync(join(repository, 'dist'), join(project, 'dist'))
    mkdirSync(join(this.top, 'home'))
    this.folder = join(project, example)
    this.#app = new App(project)
    // What is ignored as a folder is not as a link.
    appendFileSync(join(project, '.git/info/exclude'), '/dist\n')
    this.commit()
  }

  /** Commits everything, and says which commit it is. */
  commit(): string {
    this.#app.git('add', '--all')
    this.#app.git('commit', '--quiet', '--message', 'Change it')
    return this.head()
  }

  head(): string {
    return this.#app.git('rev-parse', 'HEAD')
  }

  srv(...args: readonly string[]): Promise<Outcome> {
    const env = { PATH: environment['PATH'] ?? '', HOME: join(this.top, 'home'), LANG: 'C.UTF-8' }
    return startProgram([program, ...args], this.folder, env).outcome
  }

  /** Runs srv, which has to succeed, and gives the addresses that it prints. */
  async urls(...args: readonly string[]): Promise<readonly string[]> {
    const outcome = await this.srv(...args)
    expect(outcome.code, transcript(outcome)).toBe(0)
    return [...`${outcome.stdout}${outcome.stderr}`.matchAll(/http:\/\/127\.[\d.]+:\d+\/\S*/g)].map(([url]) => url)
  }

  async remove(): Promise<void> {
    await this.urls('sandbox', 'stop')
    rmSync(this.top, { recursive: true, force: true })
  }
}

async function pageOf(url: string, body?: string): Promise<string> {
  const response = await fetch(url, body === undefined ? {} : { method: 'POST', body })
  return response.text()
}

describe('the example of this repository', () => {
  let clone: Clone

  beforeEach(() => {
    clone = new Clone()
  })
  afterEach(() => clone.remove())

  it('is deployed to two hosts that srv brings along, changed, and rolled back', async () => {
    const first = clone.head()
    const urls = (await clone.urls('deploy', 'production')).map((url) => new URL('/', url).href)
    expect(urls.map((url) => new URL(url).port)).toEqual(['4000', '4000', '4100', '4100'])
    const hellos = urls.slice(0, 2)
    for (const url of urls) expect(await pageOf(url)).toContain('<!doctype html>')
    for (const url of hellos) expect(await pageOf(url)).toContain(`Commit: ${first}`)
    writeFileSync(join(clone.folder, 'examples/hello-node/more.txt'), 'more\n')
    const second = clone.commit()
    await clone.urls('deploy', 'production')
    for (const url of hellos) expect(await pageOf(url)).toContain(`Commit: ${second}`)
    await clone.urls('rollback', 'production', 'hello')
    for (const url of hellos) expect(await pageOf(url)).toContain(`Commit: ${first}`)
    await clone.urls('sandbox', 'stop')
    for (const url of urls) await expect(fetch(url)).rejects.toThrow('fetch failed')
  }, 180_000)
})

describe.skipIf(!hasPrograms('rsync'))('the example with data', () => {
  let clone: Clone

  beforeEach(() => {
    clone = new Clone('examples/notes')
  })
  afterEach(() => clone.remove())

  it('is backed up, rehearsed and restored, as its README says', async () => {
    const [url = ''] = (await clone.urls('deploy', 'production')).map((one) => new URL('/', one).href)
    expect(await pageOf(url, 'buy bread')).toBe('noted\n')
    await clone.urls('backup', 'production')
    expect(existsSync(join(clone.folder, '.srv/snapshots/web1/notes/latest/data/notes.txt'))).toBe(true)
    expect(await pageOf(url, 'a mistake')).toBe('noted\n')
    expect(await pageOf(url)).toBe('buy bread\na mistake\n')
    await clone.urls('restore', 'production', '--rehearse')
    const refused = await clone.srv('restore', 'production')
    expect(refused.code, transcript(refused)).toBe(9)
    expect(refused.stderr).toContain('SRV-644')
    await clone.urls('restore', 'production', '--confirm', 'notes@web1')
    expect(await pageOf(url)).toBe('buy bread\n')
  }, 180_000)
})
