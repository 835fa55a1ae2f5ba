import { expect, test } from 'vitest'
import { git as plugin } from '../../../plugins/git/index.ts'
import type { InstanceState, Release } from '../../../src/index.ts'
import { runTask, testPlacement } from '../../../src/testing.ts'

const id = (letter: string): string => `2026112${String(letter.charCodeAt(0) - 96)}T000000Z-${letter.repeat(7)}`

/** `a b C d`: releases by age; what is in capitals serves, and one in brackets never served. */
function holding(text: string): Partial<InstanceState> {
  const words = text.split(' ').filter((word) => word !== '')
  const release = (word: string): Release => {
    const letter = word.replaceAll(/[()]/g, '').toLowerCase()
    return { id: id(letter), ...(word.startsWith('(') ? {} : { since: 'then' }) }
  }
  const serving = words.find((word) => /^[A-Z]$/.test(word))
  return {
    releases: words.map(release).reverse(),
    ...(serving === undefined ? {} : { release: release(serving) }),
  }
}

async function select(hosts: readonly string[], to?: string): Promise<string> {
  const placements = hosts.map((_, index) => testPlacement({ host: `web${String(index + 1)}` }))
  const states = Object.fromEntries(placements.map(({ id: name }, index) => [name, holding(hosts[index] ?? '')]))
  const flags = to === undefined ? {} : { flags: { to } }
  const { chosen, error } = await runTask(plugin(), 'select', { placements, states, ...flags })
  if (error instanceof Error) return error.message
  const ids = new Set(Object.values(chosen).map(({ release }) => release.id))
  return [...ids].map((one) => one.slice(-1)).join(' and ')
}

test('goes back to the release that served before', async () => {
  expect(await select(['a b C'])).toBe('b')
  expect(await select(['a B c', 'a B c'])).toBe('a')
  expect(await select(['a (b) C'])).toBe('a')
})

test('lets hosts that differ meet at a release that all have', async () => {
  expect(await select(['a b C', 'a B'])).toBe('b')
  expect(await select(['a b C', 'a B c'])).toBe('b')
  expect(await select(['a b C', 'a (b) C'])).toBe('b')
})

test('goes where it is told, forward too', async () => {
  expect(await select(['A b', 'A b'], id('b'))).toBe('b')
})

test('refuses before any change, and says what each host has', async () => {
  expect([
    await select(['a b C', 'a C']),
    await select(['b C', 'C']),
    await select(['A', 'A']),
    await select(['', '']),
    await select(['a B', 'B'], id('a')),
    await select(['a B'], '20261121T000000Z-aaaaaab'),
  ]).toMatchInlineSnapshot(`
    [
      "blog/native cannot go back to 20261122T000000Z-bbbbbbb: web2 does not have it. web1 has 20261123T000000Z-ccccccc, 20261122T000000Z-bbbbbbb, 20261121T000000Z-aaaaaaa; web2 has 20261123T000000Z-ccccccc, 20261121T000000Z-aaaaaaa. Nothing was changed.",
      "blog/native cannot go back to 20261122T000000Z-bbbbbbb: web2 does not have it. web1 has 20261123T000000Z-ccccccc, 20261122T000000Z-bbbbbbb; web2 has 20261123T000000Z-ccccccc. Nothing was changed.",
      "blog/native has no earlier release that all its hosts could go back to. web1 has 20261121T000000Z-aaaaaaa; web2 has 20261121T000000Z-aaaaaaa. Nothing was changed.",
      "blog/native has no earlier release that all its hosts could go back to. web1 has none; web2 has none. Nothing was changed.",
      "blog/native cannot go back to 20261121T000000Z-aaaaaaa: web2 does not have it. web1 has 20261122T000000Z-bbbbbbb, 20261121T000000Z-aaaaaaa; web2 has 20261122T000000Z-bbbbbbb. Nothing was changed.",
      "No host has a release 20261121T000000Z-aaaaaab of blog/native. Did you mean 20261121T000000Z-aaaaaaa? (also: 20261122T000000Z-bbbbbbb) Nothing was changed.",
    ]
  `)
})

test('has nothing to do for what serves already', async () => {
  const state = { ...holding('a B'), digest: 'same' }
  const run = async (to: string) => (await runTask(plugin(), 'select', { state, flags: { to } })).chosen
  expect((await run(id('b')))['blog/native@web1']?.digest).toBe('same')
  expect((await run(id('a')))['blog/native@web1']).toEqual({
    release: { id: id('a'), since: 'then' },
    folder: `/srv/blog/instances/native/releases/${id('a')}`,
    directory: '/srv/blog/instances/native/current',
  })
})
