import { spawnSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blocksOf, type DocBlock } from '../support/doc-blocks.ts'
import { program, projectFolder, repository, type ProjectFolder } from '../support/project-folder.ts'

const pages = ['README.md', 'docs/config.md', 'docs/plugins.md'] as const

const configs = pages.flatMap((page) =>
  blocksOf(page)
    .filter(({ text }) => text.includes('export default defineConfig('))
    // An example that only shows hosts has no service to deploy.
    .map((block) => ({ page, block, environment: /environments: {\s+(\w+):/.exec(block.text)?.[1] ?? '' })),
)

let project: ProjectFolder

function node(args: readonly string[]) {
  const env = { ...process.env, NO_COLOR: '1', CI: 'true' }
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project.folder, encoding: 'utf8', env })
  return { status, stdout, stderr }
}

function write({ name, text }: DocBlock): void {
  project.writeFile(name, text)
}

beforeAll(() => {
  project = projectFolder('docs')
  for (const name of ['zod', 'vitest']) {
    symlinkSync(join(repository, 'node_modules', name), join(project.folder, 'node_modules', name))
  }
  for (const block of blocksOf('docs/plugins.md')) write(block)
})

afterAll(() => {
  project.remove()
})

describe('the examples of the documentation', () => {
  it('compile', () => {
    expect(node([join(repository, 'scripts/check-docs.mjs')])).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it.each(configs)('load as a config: $page, $block.name', ({ block, environment }) => {
    write({ ...block, name: 'srv.config.ts' })
    const { status, stdout, stderr } = node([program, 'tasks', environment, '--json'])
    expect({ status, stderr, schema: /"schema":"[^"]*"/.exec(stdout)?.[0] }).toEqual({
      status: 0,
      stderr: '',
      schema: '"schema":"srv.tasks/1"',
    })
  })

  it('pass the tests that the guide for plugins shows', () => {
    const { status, stdout, stderr } = node([
      join(repository, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--root', project.folder, '--reporter', 'json'],
    ])
    expect({ status, stderr, passed: /"numPassedTests":(\d+)/.exec(stdout)?.[1] }).toEqual({
      status: 0,
      stderr: '',
      passed: '7',
    })
  })
})
