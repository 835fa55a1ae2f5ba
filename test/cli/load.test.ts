import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { projectFolder, type ProjectFolder } from '../support/project-folder.ts'

type Files = Readonly<Record<string, string>>

let project: ProjectFolder
beforeEach(() => {
  // Most projects have a package.json that says nothing, or none that is near.
  project = projectFolder('load', { manifest: undefined })
})
afterEach(() => {
  project.remove()
})

/** A config whose host has an address from elsewhere, and a tag that says who read it: tsx is told so by the environment. */
const config = (before: string, address: string): string => `${before}
import { defineConfig } from 'srvkit'
import { git } from 'srvkit/git'
const tags = [process.env['TSX_DISABLE_CACHE'] === undefined ? 'esbuild' : 'tsx']
export default defineConfig({
  environments: { production: { hosts: { web1: { address: ${address}, tags } } } },
  plugins: [git()],
  services: {},
})
`

/** Writes a project, and asks srv itself what its only host is. */
async function hostOf(files: Files, env: Readonly<Record<string, string>> = {}): Promise<unknown> {
  for (const [name, text] of Object.entries(files)) project.writeFile(name, text)
  const { code, stdout, stderr } = await project.srv(['config', 'production'], { env })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { hosts }: { hosts: readonly { readonly address: string; readonly tags: readonly string[] }[] } =
    JSON.parse(stdout)
  const [{ address, tags } = { address: '', tags: [''] }] = hosts
  return `${address} by ${tags.join()}`
}

const typed = 'export enum Address { web1 = "two.example" }\n'
const exported = 'export const address = "two.example"\n'
const common = 'exports.address = "two.example"\n'

describe('a config is read', () => {
  it.each<[name: string, files: Files]>([
    ['with nothing beside it', { 'srv.config.ts': config('', '"two.example"') }],
    [
      'with TypeScript beside it',
      { 'srv.config.ts': config('import { Address } from "./a.ts"', 'Address.web1'), 'a.ts': typed },
    ],
    [
      'with TypeScript beside it that is called .js',
      { 'srv.config.ts': config('import { Address } from "./a.js"', 'Address.web1'), 'a.ts': typed },
    ],
    [
      'with TypeScript that is asked for while it runs',
      { 'srv.config.ts': config('const { Address } = await import("./a.ts")', 'Address.web1'), 'a.ts': typed },
    ],
    [
      'with JSON beside it',
      {
        'srv.config.ts': config('import a from "./a.json" with { type: "json" }', 'a.address'),
        'a.json': '{ "address": "two.example" }',
      },
    ],
    ['in JavaScript', { 'srv.config.mjs': config('import { address } from "./a.mjs"', 'address'), 'a.mjs': exported }],
    [
      'with an ES module as package',
      {
        'srv.config.ts': config('import { address } from "pack"', 'address'),
        'node_modules/pack/package.json':
          '{ "type": "module", "exports": { "import": "./a.js", "require": "./none.cjs" } }',
        'node_modules/pack/a.js': exported,
      },
    ],
    [
      'with a package that says what both kinds of modules get',
      {
        'srv.config.ts': config('import { address } from "pack"', 'address'),
        'node_modules/pack/package.json': '{ "exports": { "module-sync": "./a.mjs", "default": "./none.cjs" } }',
        'node_modules/pack/a.mjs': exported,
      },
    ],
    [
      'with a package that has a module for browsers',
      {
        'srv.config.ts': config('import { address } from "pack"', 'address'),
        'node_modules/pack/package.json': '{ "module": "./none.js", "main": "./a" }',
        'node_modules/pack/a.js': common,
      },
    ],
  ])('by esbuild at once: %s', async (_name, files) => {
    expect(await hostOf(files)).toBe('two.example by esbuild')
  })

  it.each<[name: string, files: Files]>([
    [
      'that asks where it is',
      {
        'srv.config.ts': config(
          'import { basename } from "node:path"',
          'basename(import.meta.filename, ".config.ts") + ".example"',
        ),
      },
    ],
    [
      'with CommonJS beside it',
      { 'srv.config.ts': config('import { address } from "./a.cjs"', 'address'), 'a.cjs': common },
    ],
    [
      'that makes the name of what it imports',
      {
        'srv.config.ts': config('const name = "./a.ts"; const { Address } = await import(name)', 'Address.web1'),
        'a.ts': typed,
      },
    ],
    [
      'with a package of the project in TypeScript',
      {
        'srv.config.ts': config('import { Address } from "pack"', 'Address.web1'),
        'packages/pack/package.json': '{ "type": "module", "main": "./a.ts" }',
        'packages/pack/a.ts': typed,
      },
    ],
    [
      'with an alias of tsconfig.json',
      {
        'srv.config.ts': config('import { Address } from "@/a"', 'Address.web1'),
        'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./lib/*"] } } }',
        'lib/a.ts': typed,
      },
    ],
    [
      'with a package that reads what a file before it sets',
      {
        'srv.config.ts': config('import "./a.ts"\nimport { address } from "other"', 'address'),
        'a.ts': 'process.env["ADDRESS"] = "two.example"\n',
        'node_modules/other/package.json': '{ "type": "module", "main": "./a.js" }',
        'node_modules/other/a.js': 'export const address = process.env["ADDRESS"] ?? "none"\n',
      },
    ],
    [
      'with JavaScript beside the TypeScript it was made of',
      {
        'srv.config.ts': config('import { address } from "./a.js"', 'address'),
        'a.ts': exported,
        'a.js': 'export const address = "stale.example"\n',
      },
    ],
    [
      'with a package behind what is asked for while it runs',
      {
        'srv.config.ts': config('export const lazy = () => import("./lazy.ts")', '"two.example"'),
        'lazy.ts': 'import "other"\n',
        'node_modules/other/package.json': '{ "type": "module", "main": "./a.js" }',
        'node_modules/other/a.js': 'throw new Error("it was loaded")\n',
      },
    ],
    [
      'with a file that is there twice, by a name of package.json as well',
      {
        'package.json': '{ "type": "module", "imports": { "#state": "./state.js" } }',
        'srv.config.ts': config('import { state } from "#state"\nimport "./a.ts"', 'state.address'),
        'state.js': 'export const state = { address: "none" }\n',
        'a.ts': 'import { state } from "./state.js"\nstate.address = "two.example"\n',
      },
    ],
    [
      'with a package that leaves out the ends of names',
      {
        'srv.config.ts': config('import { address } from "other"', 'address'),
        'node_modules/other/package.json': '{ "type": "module", "main": "./index.js" }',
        'node_modules/other/index.js': 'export * from "./a"\n',
        'node_modules/other/a.js': exported,
      },
    ],
  ])('by tsx, file by file: one %s', async (_name, files) => {
    symlinkSync('../packages/pack', join(project.folder, 'node_modules/pack'))
    expect(await hostOf(files)).toMatch(/^(?:two|srv)[.]example by tsx$/)
  })

  it('by tsx where there is no room for a bundle', async () => {
    const files = { 'srv.config.ts': config('', '"two.example"') }
    expect(await hostOf(files, { TMPDIR: join(project.folder, 'none') })).toBe('two.example by tsx')
  })

  it('and nothing is left of it, also when it ends the process', async () => {
    const temporary = join(project.folder, 'temporary')
    mkdirSync(temporary)
    project.writeFile('srv.config.ts', 'process.exit(3)\n')
    expect((await project.srv(['config', 'production'], { env: { TMPDIR: temporary } })).code).toBe(3)
    expect(readdirSync(temporary)).toEqual([])
  })
})
