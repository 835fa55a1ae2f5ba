import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findConfig } from '../../../src/config/find.ts'
import { isSrvError } from '../../../src/error/srv-error.ts'

let folder = ''

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'srv-find-')))
  mkdirSync(join(folder, 'project/sub/dir'), { recursive: true })
  writeFileSync(join(folder, 'project/package.json'), '{}')
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function write(name: string, mode = 0o644): string {
  const file = join(folder, name)
  writeFileSync(file, 'throw new Error("finding must not run it")')
  chmodSync(file, mode)
  return file
}

async function failure(from: string, named?: string): Promise<string> {
  try {
    return `found ${(await findConfig(join(folder, from), named)).file}`
  } catch (error) {
    return (isSrvError(error) ? `${error.code} ${error.message}` : String(error)).replaceAll(folder, '<folder>')
  }
}

test.each(['srv.config.ts', 'srv.config.mts', 'srv.config.js', 'srv.config.mjs'])(
  'finds %s from a subfolder',
  async (name) => {
    const file = write(`project/${name}`)
    expect(await findConfig(join(folder, 'project/sub/dir'))).toEqual({ file })
  },
)

test('prefers TypeScript', async () => {
  write('project/srv.config.js')
  const file = write('project/srv.config.ts')
  expect(await findConfig(join(folder, 'project'))).toEqual({ file })
})

test('stops at the root of the project', async () => {
  write('srv.config.ts')
  expect(await failure('project/sub')).toMatchInlineSnapshot(
    `"SRV-105 There is no srv.config.ts (or .mts, .js, .mjs) in <folder>/project/sub, nor above it up to <folder>/project, the root of the repository or package."`,
  )
  expect(await failure('project')).toMatchInlineSnapshot(
    `"SRV-105 There is no srv.config.ts (or .mts, .js, .mjs) in <folder>/project, the root of the repository or package."`,
  )
})

test('does not look above a folder that is in no project', async () => {
  mkdirSync(join(folder, 'shared/mine'), { recursive: true })
  write('srv.config.ts')
  const file = write('shared/srv.config.ts')
  expect(await failure('shared/mine')).toMatchInlineSnapshot(
    `"SRV-105 There is no srv.config.ts (or .mts, .js, .mjs) in <folder>/shared/mine, and it is in no repository or package that could have one further up."`,
  )
  expect(await findConfig(join(folder, 'shared'))).toEqual({ file })
})

test('goes on from a package to the root of its repository, and no further', async () => {
  mkdirSync(join(folder, 'project/.git'))
  mkdirSync(join(folder, 'project/packages/blog/src'), { recursive: true })
  writeFileSync(join(folder, 'project/packages/blog/package.json'), '{}')
  write('srv.config.ts')
  expect(await failure('project/packages/blog/src')).toMatchInlineSnapshot(
    `"SRV-105 There is no srv.config.ts (or .mts, .js, .mjs) in <folder>/project/packages/blog/src, nor above it up to <folder>/project, the root of the repository or package."`,
  )
  const file = write('project/srv.config.ts')
  expect(await findConfig(join(folder, 'project/packages/blog/src'))).toEqual({ file })
  const nearest = write('project/packages/blog/srv.config.ts')
  expect(await findConfig(join(folder, 'project/packages/blog/src'))).toEqual({ file: nearest })
})

test('a submodule belongs to the package around it', async () => {
  mkdirSync(join(folder, 'project/sub/.git'))
  const file = write('project/srv.config.ts')
  expect(await findConfig(join(folder, 'project/sub/dir'))).toEqual({ file })
})

test('takes the file that is named, from the current folder', async () => {
  const file = write('other.ts')
  expect(await findConfig(join(folder, 'project'), '../other.ts')).toEqual({ file })
})

test('says that the named file does not exist', async () => {
  write('project/srv.config.ts')
  expect(await failure('project', 'nothing.ts')).toMatchInlineSnapshot(
    `"SRV-107 There is no config file <folder>/project/nothing.ts. Nothing was contacted."`,
  )
})

test('refuses a file that everybody can write', async () => {
  write('project/srv.config.ts', 0o666)
  expect(await failure('project')).toMatchInlineSnapshot(
    `"SRV-106 <folder>/project/srv.config.ts was not loaded, because everybody on this machine can write to it: loading a config runs it as your user. Nothing was contacted."`,
  )
})

test('refuses a named file just the same', async () => {
  write('project/srv.config.ts', 0o646)
  expect(await failure('project', 'srv.config.ts')).toMatchInlineSnapshot(
    `"SRV-106 <folder>/project/srv.config.ts was not loaded, because everybody on this machine can write to it: loading a config runs it as your user. Nothing was contacted."`,
  )
})

test.skipIf(getuid?.() !== 0)('refuses a file of another user, and one that a shared group can write', async () => {
  chownSync(write('project/srv.config.ts'), 65_534, 0)
  expect(await failure('project')).toMatchInlineSnapshot(
    `"SRV-106 <folder>/project/srv.config.ts was not loaded, because it belongs to another user (uid 65534): loading a config runs it as your user. Nothing was contacted."`,
  )
  chownSync(write('project/srv.config.ts', 0o664), 0, 65_534)
  expect(await failure('project')).toMatchInlineSnapshot(
    `"SRV-106 <folder>/project/srv.config.ts was not loaded, because its group (gid 65534) can write to it: loading a config runs it as your user. Nothing was contacted."`,
  )
})

test('does not run the settings of cosmiconfig that lie in the current folder', async () => {
  const file = write('project/srv.config.ts')
  mkdirSync(join(folder, 'project/.config'))
  write('project/.config/config.js')
  const before = process.cwd()
  process.chdir(join(folder, 'project'))
  try {
    expect(await findConfig(join(folder, 'project'))).toEqual({ file })
  } finally {
    process.chdir(before)
  }
})
