import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { preload } from '../../../src/config/preload.ts'

let folder = ''

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'srv-preload-')))
  const ours = join(folder, 'node_modules/srvkit')
  mkdirSync(ours, { recursive: true })
  const exports = { '.': { types: './index.d.ts', default: './index.js' }, './git': './git.js', './bad': './bad.js' }
  writeFileSync(join(ours, 'package.json'), JSON.stringify({ name: 'srvkit', type: 'module', exports }))
  for (const name of ['index', 'git'])
    writeFileSync(join(ours, `${name}.js`), `process.env['SRV_PRELOADED'] += ' ${name}'\n`)
  writeFileSync(join(ours, 'bad.js'), `throw new Error('broken')\n`)
  process.env['SRV_PRELOADED'] = ''
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  delete process.env['SRV_PRELOADED']
})

async function loaded(config: string): Promise<readonly string[]> {
  const file = join(folder, 'srv.config.ts')
  writeFileSync(file, config)
  await preload(file)
  return (process.env['SRV_PRELOADED'] ?? '').split(' ').filter(Boolean).toSorted()
}

test('loads what a config imports of this package, and nothing else', async () => {
  const config = `import { defineConfig } from 'srvkit'\nimport { git } from "srvkit/git"\nimport os from 'node:os'\n`
  expect(await loaded(config)).toStrictEqual(['git', 'index'])
})

test('leaves it to the config to tell what is missing or broken', async () => {
  const config = `import 'srvkit/git'\nimport 'srvkit/bad'\nimport 'srvkit/missing'\n`
  expect(await loaded(config)).toStrictEqual(['git'])
})
