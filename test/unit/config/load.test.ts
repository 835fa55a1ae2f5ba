import { execFileSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const child = fileURLToPath(new URL('../../fixtures/load-config.ts', import.meta.url))
const root = fileURLToPath(new URL('../../..', import.meta.url))
const api = new URL('../../../src/config/define.ts', import.meta.url).href

let folder = ''

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'srv-load-')))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Writes files into a project and loads one of them; the project's folder is `<project>` in what comes back. */
function load(files: Readonly<Record<string, string>>, file = 'srv.config.ts'): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const out = execFileSync(process.execPath, ['--import', 'tsx', child, join(folder, file)], {
    cwd: root,
    encoding: 'utf8',
  })
  return out.replaceAll(folder, '<project>')
}

const good = `import { defineConfig } from '${api}'
const one: string = 'local'
export default defineConfig({ environments: { here: { hosts: { one } } }, services: {} })
`
const loaded = '{"environments":{"here":{"hosts":{"one":"local"}}},"services":{}}'

describe('loads a config', () => {
  test.each(['{ "type": "module" }', '{ "type": "commonjs" }', '{}'])('of a package that says %s', (manifest) => {
    expect(load({ 'package.json': manifest, 'srv.config.ts': good })).toBe(loaded)
  })

  test.each(['srv.config.mts', 'srv.config.js', 'srv.config.mjs'])('called %s', (file) => {
    expect(load({ 'package.json': '{}', [file]: good.replace(': string', '') }, file)).toBe(loaded)
  })

  test('with top-level await and TypeScript of its own beside it, in a package that says nothing', () => {
    const files = {
      'package.json': '{}',
      'hosts.ts': 'export enum Host { one = "local" }',
      'srv.config.ts': `import { Host } from './hosts.ts'
        import { defineConfig } from '${api}'
        const hosts = await Promise.resolve({ one: Host.one })
        export default defineConfig({ environments: { here: { hosts } }, services: {} })`,
    }
    expect(load(files)).toBe(loaded)
  })
})

describe('says what is wrong with', () => {
  const module = { 'package.json': '{ "type": "module" }' }

  test('a syntax error in TypeScript', () => {
    expect(load({ ...module, 'srv.config.ts': 'export default {\n  hosts: { web1 1 },\n}' })).toMatchInlineSnapshot(
      `"SRV-102 <project>/srv.config.ts:2:17 cannot be read: Expected "}" but found "1". Nothing was contacted."`,
    )
  })

  test('a syntax error in a file that the config imports', () => {
    expect(load({ ...module, 'srv.config.ts': 'import "./other.ts"', 'other.ts': 'const' })).toMatchInlineSnapshot(
      `"SRV-102 <project>/other.ts:1:6 cannot be read: Expected identifier but found end of file. Nothing was contacted."`,
    )
  })

  test('a syntax error in JavaScript', () => {
    const files = { ...module, 'srv.config.js': 'export default {\n  hosts: { web1 1 },\n}' }
    expect(load(files, 'srv.config.js')).toMatchInlineSnapshot(
      `"SRV-102 <project>/srv.config.js:2:17 cannot be read: Unexpected number. Nothing was contacted."`,
    )
  })

  test('a config that throws', () => {
    expect(
      load({ ...module, 'srv.config.ts': 'const none: any = undefined\nexport default none.hosts' }),
    ).toMatchInlineSnapshot(
      `"SRV-103 <project>/srv.config.ts failed while it was loaded, at <project>/srv.config.ts:2:21: Cannot read properties of undefined (reading 'hosts'). Nothing was contacted."`,
    )
  })

  test('a config that throws something that is no error', () => {
    expect(load({ ...module, 'srv.config.ts': 'throw "no luck"' })).toMatchInlineSnapshot(
      `"SRV-103 <project>/srv.config.ts failed while it was loaded: no luck. Nothing was contacted."`,
    )
  })

  test('a package that is not installed', () => {
    expect(load({ ...module, 'srv.config.ts': 'import "not-installed"' })).toMatchInlineSnapshot(
      `"SRV-103 <project>/srv.config.ts failed while it was loaded: Cannot find package 'not-installed' imported from <project>/srv.config.ts. Nothing was contacted."`,
    )
  })

  test('an object that was not made by defineConfig', () => {
    expect(load({ ...module, 'srv.config.ts': 'export default { environments: {} }' })).toMatchInlineSnapshot(
      `"SRV-104 <project>/srv.config.ts has an object that was not made by defineConfig as its default export, which is not a config. Nothing was contacted."`,
    )
  })

  test('an empty file', () => {
    expect(load({ ...module, 'srv.config.ts': '' })).toMatchInlineSnapshot(
      `"SRV-104 <project>/srv.config.ts has nothing as its default export, which is not a config. Nothing was contacted."`,
    )
  })
})
