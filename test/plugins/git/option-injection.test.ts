import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { refProblem } from '../../../plugins/git/resolve/ref.ts'
import { parseHost } from '../../../src/config/host-text.ts'
import { isIdentifier } from '../../../src/config/identifier.ts'
import { gitWord } from '../../../src/config/schema/instance.ts'
import { readdir, readFile } from 'node:fs/promises'
import { bench } from './bench.ts'
import { commit, folder, shells } from './machine.ts'

/** What a program could take for an option: of git, ssh, tar and the tools of a host, and any other word after a dash. */
const option = fc.oneof(
  fc.constantFrom('-', '--', '--upload-pack=touch owned', '-oProxyCommand=touch owned', '--output=owned', '-rf', '-C/'),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((rest) => `-${rest}`),
)

describe('a word that begins with a dash', () => {
  test('is no ref, no repository, no host, no user and no name', () => {
    fc.assert(
      fc.property(option, fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/), (word, plain) => {
        expect(refProblem(word)).toBe('it starts with a dash')
        expect(gitWord.safeParse(word).success).toBe(false)
        expect([parseHost(word), parseHost(`${word}@${plain}`), parseHost(`${plain}@${word}`)]).toEqual([
          undefined,
          undefined,
          undefined,
        ])
        expect(isIdentifier(word)).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })
})

/** Names of files and folders may begin with a dash: no tool on a host may take them for anything but names. */
const fileName = fc
  .oneof(
    fc.constantFrom('-', '--', '-rf', '--help', '-T', '-n', '--no-target-directory', '-C', '-e'),
    fc.stringMatching(/^-[A-Za-z=, '"$`-]{1,10}$/),
  )
  .filter((name) => !name.endsWith(' '))

describe.each(shells)('with %s', { timeout: 120_000 }, (shell) => {
  test('names of folders and shared paths that begin with a dash are names', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fileName, { minLength: 3, maxLength: 3 }),
        async ([below = '', shared = '', inner = '']) => {
          const url = await folder()
          const id = await commit(url, 'One', { [`${below}/${shared}/${inner}`]: 'from the repository', other: '' })
          const settings = { path: below, shared: [shared, `${inner}/`] }
          const host = await bench(shell, { settings, instance: { repository: `file://${url}` } })
          const next = host.next(1, id)
          await host.all(['fetch', 'link', 'switch', 'record', 'prune'], { next })
          expect((await readdir(`${host.instance}/current/`)).sort()).toEqual(['REVISION', inner, shared].sort())
          expect(await readFile(`${host.instance}/current/${shared}/${inner}`, 'utf8')).toBe('from the repository')
          expect((await readdir(`${host.root}/blog/data`)).sort()).toEqual([inner, shared].sort())
        },
      ),
      { numRuns: 4 },
    )
  })
})
