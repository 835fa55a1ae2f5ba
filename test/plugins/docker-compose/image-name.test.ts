import { expect, test } from 'vitest'
import { layoutOf } from '../../../plugins/docker-compose/layout.ts'
import { settingsSchema } from '../../../plugins/docker-compose/options.ts'
import { imageNames } from '../../../plugins/docker-compose/scripts/image-name.ts'
import { quote } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { testPlacement } from '../../../src/testing.ts'
import { shellOf, shells } from '../git/machine.ts'
import { shop } from './situation.ts'

test.each(shells)('a service whose name no image may have gets another one in it, with %s', async (shell) => {
  const run = await shellOf(shell)
  const named = async (names: readonly string[]): Promise<readonly string[]> => {
    const each = names.map((name) => `tag_of ${quote(name)}`).join('\n')
    const { stdout } = await run(`images=srv/shop- id=1\n${display(imageNames)}\n${each}`)
    return stdout.trimEnd().split('\n')
  }
  const valid = ['web', 'a-b', 'a--b', 'a_b', 'a__b', 'a.b', '1', 'srv-9', '-x']
  expect(await named(valid)).toEqual(valid.map((name) => `srv/shop-${name}:1`))
  const odd = ['Worker', 'worker_', 'WORKER', '_jobs', 'mail-', 'a..b', 'a___b', 'a._b', '__', 'Ä']
  const found = await named(odd)
  expect(new Set(found).size).toBe(odd.length)
  for (const name of found) expect(name).toMatch(/^srv\/shop-[a-z0-9]*(-[a-z0-9]+)*-[0-9a-f]{8}:1$/)
  expect(found[0]).toMatch(/^srv\/shop-worker-[0-9a-f]{8}:1$/)
})

test('so does a project', () => {
  const images = (project: string): string =>
    layoutOf(testPlacement(shop()), settingsSchema.parse({ project, registry: 'r.example.org/team' })).images
  for (const name of ['shop', 'shop-1', 'shop-', 'shop_a']) expect(images(name)).toBe(`r.example.org/team/${name}-`)
  expect(images('shop_')).toMatch(/^r\.example\.org\/team\/shop-[0-9a-f]{8}-$/)
  expect(images('a___b')).toMatch(/^r\.example\.org\/team\/a-b-[0-9a-f]{8}-$/)
})
