import { expect, test } from 'vitest'
import { maskArgv, maskOptions } from '../../../src/cli/mask-argv.ts'
import { createMasker } from '../../../src/shell/mask.ts'

test.each([
  ['deploy production --ref main', 'deploy production --ref main'],
  ['deploy production --api-token=hunter2', 'deploy production --api-token=***'],
  ['deploy production --password hunter2 blog', 'deploy production --password *** blog'],
  ['deploy production --keep-secrets --yes', 'deploy production --keep-secrets --yes'],
  [
    'deploy production --ref https://ann:hunter2@example.org/x',
    'deploy production --ref https://ann:***@example.org/x',
  ],
  ['deploy production --note=is-swordfish', 'deploy production --note=is-***'],
])('%s', (typed, kept) => {
  const masker = createMasker()
  masker.add('swordfish')
  expect(maskArgv(typed.split(' '), masker).join(' ')).toBe(kept)
})

test('options are masked by their names, by values that are known, and in addresses', () => {
  const masker = createMasker()
  masker.add('swordfish')
  expect(
    maskOptions(
      {
        ref: 'main',
        'api-token': 'hunter2',
        note: 'is-swordfish',
        url: 'https://ann:hunter2@example.org',
        force: true,
      },
      masker,
    ),
  ).toEqual({ ref: 'main', 'api-token': '***', note: 'is-***', url: 'https://ann:***@example.org', force: true })
})
