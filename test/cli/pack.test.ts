import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { env as environment } from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { App } from '../support/cli-app.ts'
import { HostFolder } from '../support/cli-project.ts'
import { startProgram, transcript } from '../support/cli-run.ts'
import { repository } from '../support/project-folder.ts'

interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string; readonly mode: number }[]
}

/** npm with a cache of the developer's, so that a second run needs no network. */
function npm(args: readonly string[], cwd: string): string {
  const env = {
    ...environment,
    npm_config_update_notifier: 'false',
    npm_config_fund: 'false',
    npm_config_audit: 'false',
  }
  return execFileSync('npm', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

describe('the package as npm packs it', () => {
  let folder: string
  let packed: Packed

  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'srv-pack-')))
    // What was built is packed as it is: building here would pull it away under the other tests.
    const source = join(folder, 'source')
    mkdirSync(source)
    for (const name of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'dist', 'docs']) {
      cpSync(join(repository, name), join(source, name), { recursive: true })
    }
    const [first] = JSON.parse(
      npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], source),
    ) as Packed[]
    if (first === undefined) throw new Error('npm packed nothing')
    packed = first
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it('holds the built program and its documents, and nothing else', () => {
    const paths = packed.files.map(({ path }) => path)
    const kinds = new Set(
      paths.map((path) => {
        const folder = dirname(path).split('/').slice(0, 3).join('/')
        return `${folder}/*${/(\.d)?\.[a-z]+$/.exec(path)?.[0] ?? ''}`
      }),
    )
    expect([...kinds].sort()).toMatchInlineSnapshot(`
      [
        "./*",
        "./*.json",
        "./*.md",
        "dist/*.license",
        "dist/plugins/docker-compose/*.d.ts",
        "dist/plugins/docker-compose/*.js",
        "dist/plugins/git/*.d.ts",
        "dist/plugins/git/*.js",
        "dist/plugins/rsync-backup/*.d.ts",
        "dist/plugins/rsync-backup/*.js",
        "dist/src/*.d.ts",
        "dist/src/*.js",
        "dist/src/cli/*.d.ts",
        "dist/src/config/*.d.ts",
        "dist/src/error/*.d.ts",
        "dist/src/plan/*.d.ts",
        "dist/src/plugin/*.d.ts",
        "dist/src/report/*.d.ts",
        "dist/src/run/*.d.ts",
        "dist/src/sandbox/*.d.ts",
        "dist/src/shell/*.d.ts",
        "dist/src/testing/*.d.ts",
        "dist/src/transport/*.d.ts",
        "dist/tasks/*.d.ts",
        "dist/tasks/*.js",
        "dist/tasks/health/*.d.ts",
        "dist/tasks/hold/*.d.ts",
        "dist/tasks/host/*.d.ts",
        "dist/tasks/rehearse/*.d.ts",
        "dist/tasks/supervisor/*.d.ts",
        "docs/*.md",
      ]
    `)
    expect(paths.filter((path) => dirname(path) === '.').sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
    ])
    const entries = JSON.stringify([packageJson.bin, packageJson.exports]).match(/dist\/[^"]+/g) ?? []
    expect([...new Set(entries)].sort()).toEqual([
      'dist/plugins/docker-compose/index.d.ts',
      'dist/plugins/docker-compose/index.js',
      'dist/plugins/git/index.d.ts',
      'dist/plugins/git/index.js',
      'dist/plugins/rsync-backup/index.d.ts',
      'dist/plugins/rsync-backup/index.js',
      'dist/src/bin.js',
      'dist/src/index.d.ts',
      'dist/src/index.js',
      'dist/src/testing.d.ts',
      'dist/src/testing.js',
      'dist/tasks/index.d.ts',
      'dist/tasks/index.js',
    ])
    expect(entries.filter((entry) => !paths.includes(entry))).toEqual([])
    expect(paths.filter((path) => /^(dist\/)?(test|bench|scripts|examples)\/|node_modules/.test(path))).toEqual([])
    expect(paths.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))).toEqual([])
    const bin = packed.files.find(({ path }) => path === packageJson.bin.srv)
    expect(bin?.mode).toBe(0o755)
  })

  it('installs into an empty project, and deploys from there', async () => {
    const project = join(folder, 'project')
    const root = join(folder, 'host')
    for (const name of [project, root, join(folder, 'home')]) mkdirSync(name)
    writeFileSync(
      join(project, 'package.json'),
      '{ "name": "mine", "version": "1.0.0", "private": true, "type": "module" }\n',
    )
    npm(['install', '--prefer-offline', '--no-save', join(folder, packed.filename)], project)
    const app = new App(join(project, 'app'))
    const commit = app.commit('one')
    writeFileSync(
      join(project, 'srv.config.ts'),
      `import { command, defineConfig, process } from 'srvkit'
import { git } from 'srvkit/git'

export default defineConfig({
  environments: { production: { hosts: { here: { address: 'local', root: '${root}' } } } },
  plugins: [git()],
  services: {
    app: {
      repository: './app',
      instances: {
        native: {
          kind: 'native',
          start: process({ exec: 'node app.mjs' }),
          health: command('test -s "$SRV_DATA/port"', { samples: 2, intervalMs: 100, timeoutMs: 10_000 }),
        },
      },
    },
  },
})
`,
    )
    const env = { PATH: environment['PATH'] ?? '', HOME: join(folder, 'home'), LANG: 'C.UTF-8' }
    const srv = (...args: readonly string[]) =>
      startProgram([join(project, 'node_modules/.bin/srv'), ...args], project, env).outcome
    try {
      expect((await srv('--version')).stdout).toBe(`${packageJson.version}\n`)
      const outcome = await srv('deploy', 'production')
      expect(outcome.code, transcript(outcome)).toBe(0)
      expect(await new HostFolder(root).page()).toMatchObject({ version: 'one', commit })
    } finally {
      const stop = await srv('stop', 'production')
      expect(stop.code, transcript(stop)).toBe(0)
    }
    expect(new HostFolder(root).processes()).toEqual([])
  }, 180_000)
})
