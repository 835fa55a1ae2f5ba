import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blocksOf, repository, type DocBlock } from '../support/doc-blocks.ts'

const pages = ['README.md', 'docs/config.md', 'docs/plugins.md'] as const

const configs = pages.flatMap((page) =>
  blocksOf(page)
    .filter(({ text }) => text.includes('export default defineConfig('))
    // An example that only shows hosts has no service to deploy.
    .map((block) => ({ page, block, environment: /environments: {\s+(\w+):/.exec(block.text)?.[1] ?? '' })),
)

let project: string

function node(args: readonly string[]) {
  const env = { ...process.env, NO_COLOR: '1', CI: 'true' }
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8', env })
  return { status, stdout, stderr }
}

function write({ name, text }: DocBlock): void {
  writeFileSync(join(project, name), text)
}

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'srv-docs-'))
  mkdirSync(join(project, 'node_modules'))
  symlinkSync(repository, join(project, 'node_modules/srvkit'))
  for (const name of ['zod', 'vitest']) {
    symlinkSync(join(repository, 'node_modules', name), join(project, 'node_modules', name))
  }
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }\n')
  for (const block of blocksOf('docs/plugins.md')) write(block)
})

afterAll(() => {
  rmSync(project, { recursive: true, force: true })
})

describe('the examples of the documentation', () => {
  it('compile', () => {
    expect(node([join(repository, 'scripts/check-docs.mjs')])).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it.each(configs)('load as a config: $page, $block.name', ({ block, environment }) => {
    write({ ...block, name: 'srv.config.ts' })
    const { status, stdout, stderr } = node([join(repository, 'dist/src/bin.js'), 'tasks', environment, '--json'])
    expect({ status, stderr, schema: /"schema":"[^"]*"/.exec(stdout)?.[0] }).toEqual({
      status: 0,
      stderr: '',
      schema: '"schema":"srv.tasks/1"',
    })
  })

  it('pass the tests that the guide for plugins shows', () => {
    const { status, stdout, stderr } = node([
      join(repository, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--root', project, '--reporter', 'json'],
    ])
    expect({ status, stderr, passed: /"numPassedTests":(\d+)/.exec(stdout)?.[1] }).toEqual({
      status: 0,
      stderr: '',
      passed: '7',
    })
  })
})
