import { expect, test } from 'vitest'
import { maskArgv } from '../../../src/cli/mask-argv.ts'
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
