import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { process } from '../../../src/index.ts'
import { readme } from '../../../tasks/readme.ts'
import { temporaryFolder } from './folder.ts'
import { kinds, runScript, type Kind, type Ran } from './shell.ts'
import { contextAt, placementAt } from './site.ts'

/** A service folder in which release r1 serves. */
function service() {
  const root = temporaryFolder()
  const placement = placementAt(root, {
    start: process({ exec: 'node server.js | cat' }),
    repository: 'git@example.org:blog.git',
  })
  mkdirSync(placement.paths.instance, { recursive: true })
  symlinkSync(join(placement.paths.instance, 'releases/r1'), join(placement.paths.instance, 'current'))
  const file = join(placement.paths.service, 'README.md')
  return {
    root,
    file,
    folder: placement.paths.service,
    text: () => readFileSync(file, 'utf8'),
    write: (kind: Kind, description = "Me & my `blog`, it's \\n fine"): Promise<Ran> =>
      runScript(readme.script?.(contextAt(placement, { service: { ...placement.service, description } })), kind),
  }
}

const block = (root: string, description = "Me & my `blog`, it's \\n fine"): string => `<!-- srv:begin -->
${description}

Deployed by [srv](https://www.npmjs.com/package/srvkit) to web1, environment production. srv rewrites what
is between these markers at each deploy; anything around them is yours.

| instance | kind | run by | source |
| --- | --- | --- | --- |
| native | native | a process of its own: \`node server.js \\| cat\` | git@example.org:blog.git |

- Code: \`${root}/blog/instances/<instance>\`. Do not edit it here: the next deploy replaces it.
- Data: \`${root}/blog/data\`. A deploy never writes there.
- From the folder on your machine that holds \`srv.config.ts\`:

      npx srv status production blog
      npx srv logs production blog
      npx srv rollback production blog

- native serves release r1.
<!-- srv:end -->
`

describe.each(kinds())('README.md on $name', (kind) => {
  test('is made when there is none, and left alone when nothing changed', async () => {
    const { root, file, folder, text, write } = service()
    expect(await write(kind)).toEqual({ code: 0, stdout: `wrote ${file}\n`, stderr: '' })
    expect(text()).toBe(`# blog\n\n${block(root)}`)
    expect(await write(kind)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(readdirSync(folder).sort()).toEqual(['README.md', 'instances'])
  })

  test('keeps the words of people around the markers', async () => {
    const { root, file, text, write } = service()
    writeFileSync(file, '# My notes\r\n\\n & $(id)\n<!-- srv:begin -->  \nold\n<!-- srv:end -->\n\nCall Ann.\n')
    chmodSync(file, 0o640)
    await write(kind)
    expect(text()).toBe(`# My notes\r\n\\n & $(id)\n${block(root)}\nCall Ann.\n`)
    expect((statSync(file).mode & 0o777).toString(8)).toBe('640')
    await write(kind, 'Other')
    expect(text()).toBe(`# My notes\r\n\\n & $(id)\n${block(root, 'Other')}\nCall Ann.\n`)
  })

  test('a marker without its other half takes nothing with it', async () => {
    const { root, file, text, write } = service()
    writeFileSync(file, 'before\n<!-- srv:begin -->\nnotes\n')
    await write(kind)
    expect(text()).toBe(`before\nnotes\n\n${block(root)}`)
    writeFileSync(file, 'a\n<!-- srv:end -->\nb\n<!-- srv:begin -->\nc')
    await write(kind)
    expect(text()).toBe(`a\nb\nc\n\n${block(root)}`)
  })

  test('a README that is a link stays one', async () => {
    const { root, file, folder, text, write } = service()
    writeFileSync(join(folder, 'NOTES'), 'mine\n')
    symlinkSync('NOTES', file)
    await write(kind)
    expect(readlinkSync(file)).toBe('NOTES')
    expect(text()).toBe(`mine\n\n${block(root)}`)
  })
})
