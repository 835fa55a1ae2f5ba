import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { accountsIn, noAccounts, type Account, type Accounts } from '../../support/accounts.ts'
import { cliProject, type ConfigParts, type Project } from '../../support/cli-project.ts'
import { transcript } from '../../support/cli-run.ts'
import { normalised, summaryOf, treeOf } from '../../support/cli-text.ts'
import { isRequired } from '../../support/programs.ts'
import { hasSshd, noBashrc, startSshd, type Sshd } from '../../support/sshd.ts'

/** What a host without git still has. */
const tools =
  'sh cat printf mkdir rm mv ln ls readlink dirname id df tail head sed awk tar cut tr date sleep wc grep ps env uname flock stat touch curl setsid'

/** A folder for PATH in which there is no git. */
function pathWithoutGit(): string {
  const folder = mkdtempSync(join(tmpdir(), 'srv-path-'))
  for (const tool of tools.split(' ')) {
    const [path = ''] = execFileSync('sh', ['-c', `command -v ${tool} || :`], { encoding: 'utf8' }).split('\n')
    if (path.startsWith('/')) symlinkSync(path, join(folder, tool))
  }
  return folder
}

describe.skipIf(!hasSshd)('a host that is not what it should be', () => {
  const bare = pathWithoutGit()
  let sshd: Sshd
  let project: Project

  /** Deploys with that config to one host, and tells how it ended. */
  async function deploy(host: string, parts: ConfigParts = {}): Promise<{ code: number | string; shown: string }> {
    project.configure(parts)
    const outcome = await project.srv(['deploy', 'production', '--host', host])
    expect(outcome.stdout, transcript(outcome)).toBe('')
    return { code: outcome.code, shown: summaryOf(normalised(outcome.stderr, project, sshd)) }
  }

  beforeAll(async () => {
    sshd = await startSshd({
      addresses: ['127.9.0.1', '127.9.0.2'],
      matches: ['Match LocalAddress 127.9.0.2', `SetEnv ${noBashrc} PATH=${bare}`],
    })
    project = cliProject(sshd, { web1: {}, bare: {} })
    project.app.commit('one')
  })
  afterEach(() => {
    project.app.commit('mended', { files: { 'build.sh': 'true\n' } })
  })
  afterAll(async () => {
    project.remove()
    rmSync(bare, { recursive: true })
    await sshd.stop()
  })

  it('has no git', async () => {
    expect(await deploy('bare')).toMatchSnapshot()
    // The lease lay there: its folder stays, empty, since another run may be about to use it.
    const { root } = project.host('bare')
    expect(treeOf(root)).toEqual([`${root}/app/ 755`, `${root}/app/.srv/ 700`])
  })

  it('has a real folder where the link current has to be', async () => {
    const current = project.host('web1').path('instances/native/current')
    mkdirSync(current, { recursive: true })
    writeFileSync(join(current, 'precious'), 'by hand')
    const before = treeOf(project.host('web1').root)
    expect(await deploy('web1')).toMatchSnapshot()
    expect(treeOf(project.host('web1').root)).toEqual(before)
    rmSync(project.host('web1').path(), { recursive: true })
  })

  it('gets a build that never ends, which is stopped with all that it started', async () => {
    project.app.commit('endless', { files: { 'build.sh': 'sleep 1000 & sleep 1000\n' } })
    expect(await deploy('web1', { instance: `build: 'sh build.sh', buildTimeoutMs: 1000,` })).toMatchSnapshot()
    expect(project.host('web1').processes()).toEqual([])
  })

  it('gets a build that no shell can read', async () => {
    expect(await deploy('web1', { instance: `build: 'if true; then echo',` })).toMatchSnapshot()
  })

  it('gets an app that never answers', async () => {
    project.app.commit('silent', { behaviour: 'never listens' })
    expect(await deploy('web1', { limits: '{ samples: 2, intervalMs: 100, timeoutMs: 2000 }' })).toMatchSnapshot()
    expect(project.host('web1').processes()).toEqual([])
  })

  it('gets an app that answers 500', async () => {
    const port = 40_000 + (process.pid % 10_000)
    const files = {
      'app.mjs': `import { createServer } from 'node:http'
createServer((request, response) => { response.statusCode = 500; response.end('no database') }).listen(${String(port)}, '127.0.0.1')
`,
    }
    project.app.commit('broken', { files })
    const health = `http(':${String(port)}/up', { samples: 2, intervalMs: 100, timeoutMs: 1500 })`
    const { code, shown } = await deploy('web1', { health })
    expect({ code, shown: shown.replaceAll(String(port), '<app port>') }).toMatchSnapshot()
    expect(project.host('web1').processes()).toEqual([])
  })

  it('is given a repository without a commit', async () => {
    execFileSync('git', ['init', '--quiet', join(project.folder, 'empty')])
    expect(await deploy('web1', { source: `repository: './empty',` })).toMatchSnapshot()
  })
})

describe.skipIf((noAccounts !== undefined && !isRequired) || !hasSshd)('an account that may not write', () => {
  let sshd: Sshd
  let project: Project
  let accounts: Accounts
  let account: Account

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.0.1'], anyAccount: true })
    accounts = accountsIn(sshd.folder)
    account = accounts.make('poor', '/bin/sh')
    project = cliProject(sshd, { web1: { User: account.name } })
    execFileSync('chmod', ['755', project.folder])
    project.app.commit('one')
  })
  afterAll(async () => {
    project.remove()
    accounts.remove()
    await sshd.stop()
  })

  it('is told what to do, and nothing is changed', async () => {
    const outcome = await project.srv(['deploy', 'production'])
    const shown = summaryOf(normalised(outcome.stderr, project, sshd)).replaceAll(account.name, '<account>')
    expect({ code: outcome.code, shown }).toMatchSnapshot()
    expect(treeOf(project.host('web1').root)).toEqual([])
  })
})

describe.skipIf(!hasSshd)('names that shells stumble over', () => {
  it.for(['a blank', `it's "quoted" $HOME`, 'two\nlines'])(
    '%j as the folder of a host, and in the code',
    async (name) => {
      const sshd = await startSshd({ addresses: ['127.9.0.1'] })
      const project = cliProject(sshd, { web1: {} })
      try {
        const odd = join(project.folder, 'hosts', name)
        mkdirSync(odd)
        const hosts = `odd: { address: 'web1', sshConfig: ${JSON.stringify(project.sshConfig)}, root: ${JSON.stringify(odd)} },`
        writeFileSync(
          join(project.folder, 'srv.config.ts'),
          `import { command, defineConfig, process } from 'srvkit'
import { git } from 'srvkit/git'
export default defineConfig({
  environments: { production: { hosts: { ${hosts} } } },
  plugins: [git()],
  services: { app: { repository: './app', instances: { native: {
    kind: 'native', build: 'cat ./*.txt > built', start: process({ exec: 'node app.mjs' }),
    health: command('curl -fs -o /dev/null "http://127.0.0.1:$(cat "$SRV_DATA/port")/"', { samples: 1, intervalMs: 100 }),
  } } } },
})
`,
        )
        const commit = project.app.commit('odd', { files: { [`${name}.txt`]: 'content of the odd file' } })
        const outcome = await project.srv(['deploy', 'production'])
        if (name.includes('\n')) {
          expect(normalised(outcome.stderr, project, sshd)).toMatchSnapshot()
          expect(outcome.code).toBe(2)
          return
        }
        expect(outcome.code, transcript(outcome)).toBe(0)
        const current = join(odd, 'app/instances/native/current')
        const built = execFileSync('cat', [join(current, 'built'), join(current, 'REVISION')], { encoding: 'utf8' })
        expect(built).toBe(`content of the odd file${commit}\n`)
        const status = await project.srv(['status', 'production'])
        expect(status.code, transcript(status)).toBe(0)
      } finally {
        project.remove()
        await sshd.stop()
      }
    },
  )
})
